"""The part of the register that a batch of filings works on: read once, amended in memory, written once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from producers.register.findings import FilingRefusedError, Rule
from topics.items.resident import RESIDENT_FILE, ResidentRecord
from topics.messages.change import ChangeKind, RecordState
from topics.relationship import HEAD

_FIELDS = tuple((number, item.field) for number, item in sorted(RESIDENT_FILE.by_number.items()))
UNKNOWN = "the register has no such person; look the number up"


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident as the register has it; `record` is None exactly when the state is absent."""

    addressee_number: str
    history_number: int
    state: RecordState
    record: ResidentRecord | None


@dataclass(frozen=True, slots=True)
class Amendment:
    """One person's part of a filing, as a rule decides it; `reason` is the name of a reason."""

    resident: str
    kind: ChangeKind
    reason: str
    state: RecordState
    record: ResidentRecord | None
    refers_to: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An amendment that stands: one row of history, one change to come."""

    filing_id: UUID
    index: int
    count: int
    amendment: Amendment
    history_number: int
    changed_items: tuple[int, ...]


@dataclass(slots=True)
class Book:
    """Residents by number, household members, before-images for annulments, and numbers that may be given out.

    `same_numbers` are references of other versions with the same My Number, by that of a version that is entered;
    `taken_numbers` are the versions whose number somebody else has.
    """

    residents: dict[str, Resident] = field(default_factory=dict)
    earlier: dict[tuple[str, int], Resident] = field(default_factory=dict)
    filed: dict[UUID, list[tuple[str, int]]] = field(default_factory=dict)
    households: set[str] = field(default_factory=set)
    members: dict[str, set[str]] = field(default_factory=dict)
    references: Mapping[tuple[UUID, int, str], str] = field(default_factory=dict)
    same_numbers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    taken_numbers: frozenset[str] = frozenset()
    addressee_numbers: Iterator[str] = field(default_factory=lambda: iter(()))
    household_numbers: Iterator[str] = field(default_factory=lambda: iter(()))
    entries: list[Entry] = field(default_factory=list)

    def add(self, resident: Resident) -> None:
        """Put a resident in, or in place of what was there."""
        before = self.residents.get(resident.addressee_number)
        if before is not None and before.record is not None:
            self.members[before.record.household_number].discard(resident.addressee_number)
        self.residents[resident.addressee_number] = resident
        self.earlier[resident.addressee_number, resident.history_number] = resident
        if resident.record is not None:
            self.households.add(resident.record.household_number)
            self.members.setdefault(resident.record.household_number, set()).add(resident.addressee_number)

    def active(self, addressee_number: str, name: str) -> ResidentRecord:
        """The record of an active resident; refused, naming the filing's field `name`, when there is none."""
        resident = self.residents.get(addressee_number)
        if resident is None:
            raise FilingRefusedError(Rule.UNKNOWN_RESIDENT, name, UNKNOWN)
        if resident.record is None or resident.state is not RecordState.ACTIVE:
            raise FilingRefusedError(Rule.ACTIVE, name, "the person is not a resident any more; check the record")
        return resident.record

    def known(self, addressee_number: str, name: str) -> tuple[ResidentRecord, RecordState]:
        """The record and state of a person who is or was a resident; refused, naming the field, when there is none."""
        resident = self.residents.get(addressee_number)
        if resident is None or resident.record is None:
            raise FilingRefusedError(Rule.UNKNOWN_RESIDENT, name, UNKNOWN)
        return resident.record, resident.state

    def members_of(self, household_number: str) -> list[ResidentRecord]:
        """The active members of a household, by addressee number."""
        found = [self.residents[member] for member in sorted(self.members.get(household_number, ()))]
        return [each.record for each in found if each.state is RecordState.ACTIVE and each.record is not None]

    def household(self, household_number: str, name: str) -> list[ResidentRecord]:
        """The active members of a household that must have some."""
        members = self.members_of(household_number)
        if not members:
            raise FilingRefusedError(
                Rule.UNKNOWN_HOUSEHOLD, name, "the register has no such household with members; look the number up"
            )
        return members

    def head_of(self, household_number: str) -> str | None:
        """The head's addressee number, or None while no head is set (世帯主未設定)."""
        heads = [m.addressee_number for m in self.members_of(household_number) if m.relationship == HEAD]
        return heads[0] if heads else None

    def enact(self, filing_id: UUID, amendments: Sequence[Amendment]) -> None:
        """Let the amendments of one filing stand, all of them, as one group."""
        for index, amendment in enumerate(amendments, start=1):
            before = self.residents.get(amendment.resident)
            number = 1 if before is None else before.history_number + 1
            changed = changed_items(before.record if before else None, amendment.record)
            self.entries.append(Entry(filing_id, index, len(amendments), amendment, number, changed))
            self.filed.setdefault(filing_id, []).append((amendment.resident, number))
            self.add(Resident(amendment.resident, number, amendment.state, amendment.record))


def changed_items(before: ResidentRecord | None, after: ResidentRecord | None) -> tuple[int, ...]:
    """Numbers of the items of file 1 in which two records differ."""
    return tuple(number for number, name in _FIELDS if getattr(before, name, None) != getattr(after, name, None))
