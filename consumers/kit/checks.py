"""The checks before anything is applied: is it readable, is it ours, is it no more than we may have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from consumers.kit.order import Member, alone, member_of
from consumers.kit.protection import is_told
from consumers.kit.record import Arrival, Finding, Record
from topics.envelope.opening import EnvelopeError, Opener
from topics.grant import Grant
from topics.legal_bases import DeliveryField
from topics.messages.delivery import INSTRUCTIONS, Delivery
from topics.messages.protection import Told

UNDECODABLE = "KIT-UNDECODABLE"
NOT_OURS = "KIT-NOT-OURS"
NOT_GRANTED = "KIT-ITEM-NOT-GRANTED"
GROUP = "KIT-FILING-IS-NONE"
HEAD = "KIT-HEAD-IS-NOT-THE-CONTENT"
FAR_NUMBER = "KIT-NUMBER-TOO-FAR"
LARGEST_GAP = 100_000
LARGEST_FILING = 100_000

RecipientCheck = Callable[[Delivery], str | None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a lane accepts: its recipient, municipality, generation, and what is granted of persons, of changes and of
    protections; and whether the register may be told of what is refused."""

    recipient: str
    municipality: str
    generation: int
    fields: frozenset[str]
    delivery_fields: frozenset[str]
    protection_told: Told = "none"
    tells_refusals: bool = False


def terms_of(grant: Grant, municipality: str) -> Terms:
    """The terms under which `grant`'s recipient accepts deliveries of one municipality."""
    return Terms(
        recipient=grant.recipient,
        municipality=municipality,
        generation=grant.generation,
        fields=frozenset(grant.fields()),
        delivery_fields=frozenset(grant.delivery_fields),
        protection_told=grant.protection.told,
        tells_refusals=grant.admits("functional-error"),
    )


def examine(record: Record, opener: Opener, terms: Terms, check: RecipientCheck) -> Arrival | Finding:
    """The delivery in `record`, or why it must be parked; `check` is the recipient's own further rule for states.

    Once the envelope is open its head can be trusted, whatever the content is: so a delivery that nobody here
    understands keeps its place.
    """
    try:
        opened = opener.open(record.value or b"", record.key)
    except EnvelopeError as refused:
        return Finding(record, refused.code)
    head = opened.head
    told = alone(head.key, head.sequence, head.number)
    try:
        delivery = Delivery.from_wire(opened.payload)
    except ValueError:
        return Finding(record, UNDECODABLE, told)
    if member_of(delivery).place != told.place or delivery.number != head.number:
        return Finding(record, HEAD, told)
    is_state = delivery.kind not in INSTRUCTIONS
    code = _contents(delivery, terms) or (check(delivery) if is_state else None)
    return Finding(record, code, _placed(delivery)) if code else Arrival(record, delivery)


def _contents(delivery: Delivery, terms: Terms) -> str | None:
    if not _is_ours(delivery, terms):
        return NOT_OURS
    told = {name for name in get_args(DeliveryField) if getattr(delivery, name) is not None}
    granted = terms.fields.issuperset(delivery.items) and terms.delivery_fields.issuperset(told)
    if not (granted and is_told(delivery.protection, terms.protection_told)):
        return NOT_GRANTED
    return None if _is_filing(delivery) else GROUP


def _is_ours(delivery: Delivery, terms: Terms) -> bool:
    place = (delivery.recipient, delivery.municipality, delivery.generation)
    return place == (terms.recipient, terms.municipality, terms.generation)


def _is_filing(delivery: Delivery) -> bool:
    """Whether what it says of its filing can be: its numbers begin with 1, and it is one of them."""
    group = delivery.group
    return group is None or (group.index <= min(group.count, delivery.number) and group.count <= LARGEST_FILING)


def _placed(delivery: Delivery) -> Member:
    return member_of(delivery) if _is_filing(delivery) else alone(delivery.subject, delivery.sequence, delivery.number)
