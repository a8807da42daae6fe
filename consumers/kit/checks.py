"""The checks before anything is applied: is it readable, is it ours, is it no more than we may have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from consumers.kit.protection import is_told
from consumers.kit.record import Arrival, Finding, Record
from topics.envelope.opening import EnvelopeError, Opener
from topics.envelope.run import Head
from topics.grant import Grant
from topics.legal_bases import DeliveryField
from topics.messages.delivery import INSTRUCTIONS, Delivery
from topics.messages.protection import Told

UNDECODABLE = "KIT-UNDECODABLE"
NOT_OURS = "KIT-NOT-OURS"
NOT_GRANTED = "KIT-ITEM-NOT-GRANTED"
NOT_STORABLE = "KIT-NOT-STORABLE"
HEAD = "KIT-HEAD-IS-NOT-THE-CONTENT"
FAR_NUMBER = "KIT-NUMBER-TOO-FAR"
LARGEST_GAP = 100_000

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
    """The delivery in `record`, or why it must be parked; `check` is the recipient's own further rule for states."""
    try:
        opened = opener.open(record.value or b"", record.key)
        delivery = Delivery.from_wire(opened.payload)
    except EnvelopeError as refused:
        return Finding(record, refused.code)
    except ValueError:
        return Finding(record, UNDECODABLE)
    if (delivery.recipient, delivery.municipality, delivery.generation) != (
        terms.recipient,
        terms.municipality,
        terms.generation,
    ):
        return Finding(record, NOT_OURS)
    states = delivery.kind not in INSTRUCTIONS
    code = _contents(opened.head, delivery, terms) or (check(delivery) if states else None)
    return Finding(record, code, delivery.number) if code else Arrival(record, delivery)


def _contents(head: Head, delivery: Delivery, terms: Terms) -> str | None:
    if (head.key, head.number, head.sequence) != (delivery.subject, delivery.number, delivery.sequence):
        return HEAD
    told = {name for name in get_args(DeliveryField) if getattr(delivery, name) is not None}
    granted = terms.fields.issuperset(delivery.items) and terms.delivery_fields.issuperset(told)
    return None if granted and is_told(delivery.protection, terms.protection_told) else NOT_GRANTED
