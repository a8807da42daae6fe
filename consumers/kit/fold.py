"""The fold: what a recipient knows of a resident after deliveries, told in sequence order."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import JsonValue
from pydantic_core import to_json

from topics.messages.change import RecordState
from topics.messages.delivery import INSTRUCTIONS, Delivery, DeliveryKind


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
class Instructed:
    """A row that stays as it is, but for the fields that were recalled; `sequence` is the last instruction's."""

    subject: str
    sequence: int
    recalled: frozenset[str] = frozenset()

    def recalled_json(self) -> str:
        """The recalled fields as JSON text."""
        return to_json(sorted(self.recalled)).decode()


@dataclass(frozen=True, slots=True)
class Folded:
    """What a run of deliveries leaves: rows to keep as told, subjects whose row goes, rows that are instructed on."""

    kept: tuple[Told, ...]
    gone: tuple[str, ...]
    instructed: tuple[Instructed, ...] = ()

    def instructions(self) -> tuple[list[str], list[int], list[str]]:
        """Subjects, sequences and recalled fields of the rows that are instructed on, as columns."""
        rows = self.instructed
        return [r.subject for r in rows], [r.sequence for r in rows], [r.recalled_json() for r in rows]


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
    last: dict[str, Told | Instructed | None] = {}
    for delivery in deliveries:
        instruction = delivery.kind in INSTRUCTIONS
        known = last.get(delivery.subject, Instructed(delivery.subject, 0))
        last[delivery.subject] = _instructed(known, delivery) if instruction else tell(delivery)
    rows = last.values()
    return Folded(
        tuple(row for row in rows if isinstance(row, Told)),
        tuple(subject for subject, row in last.items() if row is None),
        tuple(row for row in rows if isinstance(row, Instructed)),
    )


def _instructed(known: Told | Instructed | None, instruction: Delivery) -> Told | Instructed | None:
    """A block or a recall (回収) leaves what is known, but for what is recalled."""
    recalled = frozenset(instruction.recalled or ())
    match known:
        case Told():
            items = {field: value for field, value in known.items.items() if field not in recalled}
            return replace(known, sequence=instruction.sequence, items=items)
        case Instructed():
            return Instructed(known.subject, instruction.sequence, known.recalled | recalled)
    return None
