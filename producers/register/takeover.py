"""Residents as another system has them, taken over in bulk: numbers first, then residents, history and outbox at once.

What comes in here was decided in the other system: no rule of the register decides on it again. What differs from the
register leaves as an ordinary change, a group of its own; what does not leaves nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from producers.register.book import Amendment, Entry, changed_items
from producers.register.events import HISTORY_COLUMNS, history_row
from producers.register.number_requests.keeping import keep_requests
from producers.register.numbers import Given, store_numbers
from producers.register.outbox import send, take_positions
from producers.register.search_keys import keys_of, save_search_keys
from topics.guarded import MyNumber, Purpose, ResidentCode
from topics.items.resident import ResidentRecord
from topics.messages.change import Change, ChangeDates, ChangeKind, Group, RecordState
from topics.relationship import HEAD

_SQL = load_queries("producers.register", "queries.sql")
_TAKEOVER = load_queries("producers.register", "takeover.sql")
JOURNAL_KIND = "takeover"
SERIAL_BODY = 9
"""Digits of an addressee or household number before its check digit."""

References = Mapping[tuple[UUID, str], str]
"""The reference of a takeover's number, by its filing and item."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """A resident as the other system has them now; `record` is None for one who was never to be in the register."""

    filing_id: UUID
    addressee_number: str
    household_number: str
    record: Mapping[str, Any] | None = field(repr=False)
    my_number: MyNumber | None
    resident_code: ResidentCode | None
    reason: str
    operator: str
    changed_on: str
    filed_on: str

    def numbers(self) -> Iterator[tuple[str, str, bytes]]:
        """Item, kind and value of the numbers that come with it."""
        for item, kind, number in (
            ("my_number", "my-number", self.my_number),
            ("resident_code", "resident-code", self.resident_code),
        ):
            if number is not None:
                yield item, kind, number.reveal(Purpose.SEAL).encode("ascii")


@dataclass(frozen=True, slots=True)
class _Standing:
    household_number: str
    history_number: int
    state: RecordState
    record: ResidentRecord | None


async def hand_in_numbers(
    register: Connection, numbers: Connection, cipher: ColumnCipher, taken: Sequence[Takeover]
) -> References:
    """Store what is new among the numbers; one that the person has already keeps its reference."""
    rows = await register.fetch(_TAKEOVER["present_references"], [each.addressee_number for each in taken])
    present = {row["addressee_number"]: row for row in rows}
    given = [(each, *number) for each in taken for number in each.numbers()]
    asked = {
        reference: cipher.blind_index(value)
        for each, item, _, value in given
        if (row := present.get(each.addressee_number)) is not None and (reference := row[item]) is not None
    }
    same = await _same(numbers, asked)
    found: dict[tuple[UUID, str], str] = {}
    fresh: list[Given] = []
    for each, item, kind, value in given:
        row = present.get(each.addressee_number)
        if row is not None and row[item] in same:
            found[each.filing_id, item] = row[item]
        else:
            fresh.append(Given(each.filing_id, 0, kind, value))
            found[each.filing_id, item] = fresh[-1].reference
    if await store_numbers(numbers, cipher, fresh):
        raise Refusal("INTAKE-NUMBERS", "a row came before with another number; write the file anew")
    return found


async def take_over(
    connection: Connection, municipality: str, taken: Sequence[Takeover], references: References
) -> Counter[str]:
    """Write what differs, in the transaction that is open; returns how many of each kind of change, and unchanged."""
    if not taken:
        return Counter()
    standing = await _lock(connection, taken)
    households = sorted({s.household_number for s in standing.values()} | {t.household_number for t in taken})
    decided = [(each, _entry(each, standing.get(each.addressee_number), references)) for each in taken]
    entries = [(each, entry) for each, entry in decided if entry is not None]
    if entries:
        await _save(connection, municipality, entries, households)
    counted = Counter(entry.amendment.kind.value for _, entry in entries)
    counted["unchanged"] = len(taken) - len(entries)
    return counted


async def _same(numbers: Connection, asked: Mapping[str, bytes]) -> set[str]:
    if not asked:
        return set()
    rows = await numbers.fetch(_TAKEOVER["same_numbers"], list(asked), list(asked.values()))
    return {row["reference"] for row in rows}


async def _lock(connection: Connection, taken: Sequence[Takeover]) -> dict[str, _Standing]:
    """Households first, then the residents, as every writer of the register; again, should somebody have moved."""
    persons = sorted(each.addressee_number for each in taken)
    households = {each.household_number for each in taken}
    while True:
        households |= {row["household_number"] for row in await connection.fetch(_TAKEOVER["households_of"], persons)}
        await connection.execute(_TAKEOVER["make_households"], sorted(households))
        await connection.execute(_TAKEOVER["lock_households"], sorted(households))
        rows = await connection.fetch(_TAKEOVER["lock_residents"], persons)
        if {row["household_number"] for row in rows} <= households:
            return {row["addressee_number"]: _standing(row) for row in rows}


def _standing(row: Any) -> _Standing:
    record = None if row["record"] is None else ResidentRecord.model_validate_json(row["record"])
    return _Standing(row["household_number"], row["history_number"], RecordState(row["state"]), record)


def _entry(taken: Takeover, before: _Standing | None, references: References) -> Entry | None:
    """What is to be written, or None when the register says the same already, or need not know."""
    record = _record(taken, references)
    state = _state(record)
    known = RecordState.ABSENT if before is None else before.state
    if (state, record) == (known, before.record if before else None) or (
        state is not RecordState.ACTIVE and known is RecordState.ABSENT
    ):
        return None
    last = 0 if before is None else before.history_number
    kind = _kind(known, state)
    refers_to = last if kind in {ChangeKind.CORRECTED, ChangeKind.ANNULLED} else None
    amendment = Amendment(taken.addressee_number, kind, taken.reason, state, record, refers_to)
    return Entry(taken.filing_id, 1, 1, amendment, last + 1, changed_items(before.record if before else None, record))


def _record(taken: Takeover, references: References) -> ResidentRecord | None:
    if taken.record is None:
        return None
    given = {"my_number": taken.my_number, "resident_code": taken.resident_code}
    held = {item: references[taken.filing_id, item] for item, number in given.items() if number is not None}
    return ResidentRecord.model_validate({**taken.record, **held})


def _state(record: ResidentRecord | None) -> RecordState:
    if record is None:
        return RecordState.ABSENT
    return RecordState.ACTIVE if record.removal is None else RecordState.CEASED


def _kind(before: RecordState, after: RecordState) -> ChangeKind:
    """What the change does; one who had ceased and is a resident again enters anew (再転入)."""
    if after is RecordState.ABSENT:
        return ChangeKind.ANNULLED
    if after is RecordState.CEASED:
        return ChangeKind.CEASED if before is RecordState.ACTIVE else ChangeKind.CORRECTED
    return ChangeKind.CHANGED if before is RecordState.ACTIVE else ChangeKind.CREATED


Entries = Sequence[tuple[Takeover, Entry]]


async def _save(connection: Connection, municipality: str, entries: Entries, households: Sequence[str]) -> None:
    """Residents, households and references; last, since their counter stays locked, the positions."""
    records = [None if (r := e.amendment.record) is None else r.model_dump_json(exclude_none=True) for _, e in entries]
    await _save_residents(connection, entries, records)
    await _save_heads(connection, entries, households)
    await keep_requests(connection, [entry for _, entry in entries])
    await connection.execute(_SQL["save_references"], sorted({r for _, e in entries for r in _references(e)}))
    await connection.execute(_TAKEOVER["protection_unknown"], [t.addressee_number for t, e in entries if _is_new(e)])
    await _journal(connection, entries)
    now = datetime.now(UTC)
    first = await take_positions(connection, len(entries))
    changes = [_change(t, e, municipality, position, now) for position, (t, e) in enumerate(entries, start=first)]
    rows = [history_row(change, None, record) for change, record in zip(changes, records, strict=True)]
    await connection.copy_records_to_table("history", records=rows, columns=HISTORY_COLUMNS)
    await send(connection, changes)


def _is_new(entry: Entry) -> bool:
    """Who comes for the first time: the other system has not said whether there is a protection (支援措置)."""
    return entry.history_number == 1


async def _save_residents(connection: Connection, entries: Entries, records: Sequence[str | None]) -> None:
    await connection.execute(
        _SQL["save_residents"],
        [taken.addressee_number for taken, _ in entries],
        [taken.household_number for taken, _ in entries],
        [entry.history_number for _, entry in entries],
        [entry.amendment.state.value for _, entry in entries],
        records,
    )
    persons = [taken.addressee_number for taken, _ in entries]
    await save_search_keys(connection, persons, [keys_of(entry.amendment.record) for _, entry in entries])
    await _save_due(connection, entries)
    last_person, last_household = (
        max(int(number[:SERIAL_BODY]) for number in numbers)
        for numbers in ([t.addressee_number for t, _ in entries], [t.household_number for t, _ in entries])
    )
    await connection.execute(_TAKEOVER["reserve_serials"], last_person, last_household)


async def _save_due(connection: Connection, entries: Entries) -> None:
    """Whoever comes with an announced move-out is removed by the register's clock; nobody else of these is."""
    planned = {entry.amendment.resident: _planned(entry.amendment) for _, entry in entries}
    await connection.execute(_SQL["forget_due"], [resident for resident, day in planned.items() if day is None])
    due = {resident: day for resident, day in planned.items() if day is not None}
    await connection.execute(_SQL["save_due"], list(due), list(due.values()))


def _planned(amendment: Amendment) -> date | None:
    record = amendment.record
    if record is None or record.planned_move_out is None or amendment.state is not RecordState.ACTIVE:
        return None
    return date.fromisoformat(record.planned_move_out.planned_on)


async def _save_heads(connection: Connection, entries: Entries, households: Sequence[str]) -> None:
    """Who is a head now is set; a household that its head left has none (世帯主未設定) until somebody is."""
    persons = [taken.addressee_number for taken, _ in entries]
    heads = {t.household_number: t.addressee_number for t, e in entries if _is_head(e.amendment)}
    await connection.execute(_TAKEOVER["leave_heads"], households, persons)
    await connection.execute(_TAKEOVER["set_heads"], list(heads), list(heads.values()))


def _is_head(amendment: Amendment) -> bool:
    record = amendment.record
    return record is not None and amendment.state is RecordState.ACTIVE and record.relationship == HEAD


def _references(entry: Entry) -> Iterator[str]:
    record = entry.amendment.record
    if record is not None:
        yield from (reference for reference in (record.my_number, record.resident_code) if reference is not None)


async def _journal(connection: Connection, entries: Entries) -> None:
    count = len(entries)
    await connection.execute(
        _SQL["save_filings"],
        [taken.filing_id for taken, _ in entries],
        [JOURNAL_KIND] * count,
        ["registered"] * count,
        [taken.operator for taken, _ in entries],
        [taken.filed_on for taken, _ in entries],
        [None] * count,
    )


def _change(taken: Takeover, entry: Entry, municipality: str, position: int, now: datetime) -> Change:
    amendment = entry.amendment
    return Change(
        event_id=uuid5(taken.filing_id, str(entry.index)),
        municipality=municipality,
        position=position,
        group=Group(filing=taken.filing_id, index=1, count=1),
        resident=amendment.resident,
        kind=amendment.kind,
        state=amendment.state,
        reason=amendment.reason,
        history_number=entry.history_number,
        refers_to=amendment.refers_to,
        changed_items=entry.changed_items,
        dates=ChangeDates(changed_on=taken.changed_on, processed_on=now.date().isoformat(), filed_on=taken.filed_on),
        operator=taken.operator,
        registered_at=now,
        after=amendment.record,
    )
