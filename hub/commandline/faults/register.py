"""A register in memory: what is filed, in which order, and what each resident's record was after each change.

It is the truth that everything else is held against. It follows no rules of registration: any change may follow any
other that the format permits. All persons are synthetic.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from random import Random
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import from_json

from infra.check.protection import Stand, Timeline, timeline
from infra.check.sources import Version
from topics.check_digits import my_number_digit, resident_code_digit, serial_digit
from topics.items.resident import ResidentRecord
from topics.messages.change import Change, ChangeDates, ChangeKind, Event, Group, ProtectionStep, RecordState
from topics.messages.protection import ProtectionState

DATES = ChangeDates(changed_on="2026-04-01", processed_on="2026-04-01")
REGISTERED_AT = datetime(2026, 4, 1, tzinfo=UTC)
LARGEST_FAMILY = 3
REFUSED, REFUSED_SHARE = "禁", 0.08
"""A name that has this is refused by a recipient's database; so many have."""
PROTECTIONS_SHARE, NEVER_PROTECTED_SHARE = 0.15, 0.9
"""Of the filings; of the new persons the share of whom the register says so, the others being protected by default."""
ADDRESS = {"text": "合成町1番1号", "postal_code": "2430432"}
RELATIONSHIPS = ("世帯主", "妻", "夫", "子", "子の子", "父", "母", "妹", "同居人")
REMOVAL = {"reason": "24", "removed_on": "2026-04-01", "filed_on": "2026-04-01"}
KINDS = ("changed",) * 5 + ("corrected", "annulled", "ceased")
ITEMS = ("name", "sex", "address", "relationship", "remarks", "my_number")
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NumberVersion:
    """A number and the reference under which a record names it."""

    reference: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Filed:
    """One filing: its changes, or steps of protections, in order, and number versions that must be there before."""

    changes: tuple[Event, ...]
    numbers: tuple[NumberVersion, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One person's part of a filing."""

    resident: str
    kind: ChangeKind
    state: RecordState
    record: Record | None
    refers_to: int | None = None


@cache
def _serials() -> tuple[str, ...]:
    bodies = (f"{serial:09d}" for serial in range(100_000_000, 100_000_200))
    return tuple(body + digit for body in bodies if (digit := serial_digit(body)) is not None)


@dataclass
class FiledRegister:
    """One municipality's register."""

    municipality: str
    random: Random
    histories: dict[str, list[Version]] = field(default_factory=dict)
    numbers: list[NumberVersion] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    """The same by reference."""
    referred: dict[tuple[str, int], int | None] = field(default_factory=dict)
    """Which history number a change concerns, by resident and its own."""
    steps: dict[str, list[Stand]] = field(default_factory=dict)
    never_protected: dict[str, int] = field(default_factory=dict)
    """Since which position the register says so, by resident."""
    position: int = 0
    _filings: Iterator[int] = field(default_factory=lambda: count(1))
    _residents: Iterator[str] = field(default_factory=lambda: iter(_serials()))
    _values: Iterator[int] = field(default_factory=lambda: count(1))

    def file(self) -> Filed:
        """The next filing: mostly of persons who are known."""
        before = len(self.numbers)
        if self.histories and self.random.random() < PROTECTIONS_SHARE:
            return Filed(tuple(self._protect()), ())
        parts = self._parts()
        filing = uuid5(UUID(int=next(self._filings)), self.municipality)
        changes = [self._enter(Group(filing=filing, index=n, count=len(parts)), p) for n, p in enumerate(parts, 1)]
        return Filed(tuple(changes), tuple(self.numbers[before:]))

    def correct(self) -> Filed | None:
        """The office corrects the names that a recipient refuses, all in one filing; None where there are none."""
        parts = [part for who in self.histories if (part := self._corrected(who)) is not None]
        filing = uuid5(UUID(int=next(self._filings)), self.municipality)
        changes = [self._enter(Group(filing=filing, index=n, count=len(parts)), p) for n, p in enumerate(parts, 1)]
        return Filed(tuple(changes), ()) if changes else None

    def _corrected(self, resident: str) -> _Part | None:
        last = self.histories[resident][-1]
        record = _record(last)
        if record is None or REFUSED not in record["name"]["text"]:
            return None
        name = {**record["name"], "text": record["name"]["text"].replace(REFUSED, "")}
        corrected = {**record, "name": name}
        return _Part(resident, ChangeKind.CORRECTED, RecordState(last.state), corrected, last.history_number)

    def timeline(self, resident: str) -> Timeline:
        """What was told of a person's protection; unknown until the first time."""
        return timeline(self.steps.get(resident, ()), unknown=True, told_none_at=self.never_protected.get(resident))

    def _protect(self) -> Iterator[ProtectionStep]:
        """One application for one or two persons, or what became of it."""
        residents = self.random.sample(sorted(self.histories), min(len(self.histories), self.random.choice((1, 1, 2))))
        filing = uuid5(UUID(int=next(self._filings)), self.municipality)
        for index, resident in enumerate(residents, 1):
            self.position += 1
            state = self._protection(self.timeline(resident).present)
            stand = Stand(self.position, state.status, state.level, state.begins_on, state.ends_on)
            self.steps.setdefault(resident, []).append(stand)
            yield ProtectionStep(
                event_id=uuid5(filing, str(index)),
                municipality=self.municipality,
                position=self.position,
                group=Group(filing=filing, index=index, count=len(residents)),
                resident=resident,
                state=state,
                registered_at=REGISTERED_AT,
            )

    def _protection(self, before: Stand) -> ProtectionState:
        if before.status in ("provisional", "full") and self.random.random() < 0.5:
            return ProtectionState(status="ended")
        status, level = self.random.choice(("provisional", "full")), self.random.choice(("address", "record"))
        return ProtectionState.model_validate({"status": status, "level": level, "begins_on": "2026-04-01"})

    def _parts(self) -> list[_Part]:
        active = [who for who, history in self.histories.items() if history[-1].state == "active"]
        if not active or self.random.random() < 0.25:
            return [self._arrive() for _ in range(self.random.randint(1, LARGEST_FAMILY))]
        return [self._amend(who) for who in self.random.sample(active, min(len(active), self.random.choice((1, 1, 2))))]

    def _arrive(self) -> _Part:
        resident = next(self._residents)
        record = {
            "addressee_number": resident,
            "household_number": resident,
            "name": self._name(),
            "birth_date": "1980-02-29",
            "sex": self.random.choice("129"),
            "resident_since": "2026-04-01",
            "resident_since_reason": "11",
            "resident_class": "japanese",
            "address": {**ADDRESS, "municipality": self.municipality},
            "address_since": "2026-04-01",
            "resident_code": self._number("resident-code"),
        }
        if self.random.random() < 0.8:
            record["my_number"] = self._number("my-number")
        return _Part(resident, ChangeKind.CREATED, RecordState.ACTIVE, record)

    def _amend(self, resident: str) -> _Part:
        history = self.histories[resident]
        record, kind = _record(history[-1]) or {}, ChangeKind(self.random.choice(KINDS))
        if kind is ChangeKind.ANNULLED:
            before = history[-2] if len(history) > 1 else None
            state = RecordState(before.state) if before else RecordState.ABSENT
            return _Part(resident, kind, state, _record(before), history[-1].history_number)
        if kind is ChangeKind.CEASED:
            return _Part(resident, kind, RecordState.CEASED, {**record, "removal": REMOVAL})
        refers_to = self.random.choice(history).history_number if kind is ChangeKind.CORRECTED else None
        return _Part(resident, kind, RecordState.ACTIVE, {**record, **self._amended()}, refers_to)

    def _amended(self) -> Record:
        match self.random.choice(ITEMS):
            case "name":
                return {"name": self._name()}
            case "sex":
                return {"sex": self.random.choice("129")}
            case "address":
                text = f"合成町{next(self._values)}番1号"
                return {"address": {**ADDRESS, "municipality": self.municipality, "text": text}}
            case "relationship":
                return {"relationship": self.random.choice(RELATIONSHIPS)}
            case "my_number":
                return {"my_number": self._number("my-number")}
            case item:
                return {item: f"合成{next(self._values)}"}

    def _name(self) -> Record:
        mark = REFUSED if self.random.random() < REFUSED_SHARE else ""
        return {"text": f"合成　{next(self._values)}{mark}", "kana": "ごうせい"}

    def _number(self, kind: str) -> str:
        body = f"{next(self._values):010d}"
        value = (
            body + resident_code_digit(body) if kind == "resident-code" else f"1{body}" + my_number_digit(f"1{body}")
        )
        reference = f"{self.municipality}{value:0>26}"
        self.numbers.append(NumberVersion(reference, kind, value))
        self.values[reference] = value
        return reference

    def _enter(self, group: Group, part: _Part) -> Change:
        self.position += 1
        is_new, history = part.resident not in self.histories, self.histories.setdefault(part.resident, [])
        after = None if part.record is None else ResidentRecord.model_validate(part.record)
        change = Change(
            event_id=uuid5(group.filing, str(group.index)),
            municipality=self.municipality,
            position=self.position,
            group=group,
            resident=part.resident,
            kind=part.kind,
            state=part.state,
            reason="35",
            history_number=len(history) + 1,
            refers_to=part.refers_to,
            changed_items=(),
            dates=DATES,
            operator="synthetic-1",
            registered_at=REGISTERED_AT,
            after=after,
            protection="none" if is_new and self.random.random() < NEVER_PROTECTED_SHARE else None,
        )
        if change.protection is not None:
            self.never_protected[part.resident] = change.position
        history.append(_version(change))
        self.referred[part.resident, change.history_number] = part.refers_to
        return change


def _version(change: Change) -> Version:
    json = None if change.after is None else change.after.to_wire()
    return Version(
        change.position, change.history_number, change.state.value, json, change.event_id, change.kind.value,
        change.reason, change.registered_at, change.refers_to,
    )  # fmt: skip


def _record(version: Version | None) -> Record | None:
    return None if version is None or version.json is None else from_json(version.json)
