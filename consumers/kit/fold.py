"""The fold: what a recipient knows of a resident after deliveries, told in sequence order."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import to_json

from topics.messages.change import RecordState
from topics.messages.delivery import Delivery, DeliveryKind


@dataclass(frozen=True, slots=True)
class Told:
    """One row of a copy: the last delivery's sequence, state, items and link number."""

    subject: str
    sequence: int
    state: RecordState
    items: dict[str, JsonValue]
    link_number: str | None = None

    def items_json(self, without: frozenset[str] = frozenset()) -> str:
        """The items as JSON text, except the fields `without`."""
        kept = {field: value for field, value in self.items.items() if field not in without} if without else self.items
        return to_json(kept).decode()


@dataclass(frozen=True, slots=True)
class Folded:
    """What a run of deliveries leaves: rows to keep as told, and subjects whose row goes."""

    kept: tuple[Told, ...]
    gone: tuple[str, ...]


def tell(delivery: Delivery) -> Told | None:
    """The row after `delivery`, or None when there is none any more.

    A delivery carries the whole state, so what was known before does not matter. Annulling a creation (state absent)
    and leaving the population (tombstone) both remove the row; the gate remembers the sequence.
    """
    if delivery.state is RecordState.ABSENT or delivery.kind is DeliveryKind.TOMBSTONE:
        return None
    return Told(delivery.subject, delivery.sequence, delivery.state, delivery.items, delivery.link_number)


def fold(deliveries: Iterable[Delivery]) -> Folded:
    """The rows after `deliveries`, which are in sequence order for each subject."""
    last = {delivery.subject: tell(delivery) for delivery in deliveries}
    kept = tuple(row for row in last.values() if row)
    return Folded(kept, tuple(subject for subject, row in last.items() if row is None))
