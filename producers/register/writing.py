"""Writes what a batch has changed; the counter of positions is locked last, and until commit."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from producers.register.book import Book, Entry
from producers.register.events import HISTORY_COLUMNS, change_event, history_row, paired_reason
from producers.register.filings import Filing
from producers.register.number_requests.keeping import keep_requests
from producers.register.numbers import without_numbers
from producers.register.outbox import send, take_positions
from producers.register.protection.events import never_protected
from producers.register.search_keys import keys_of, save_search_keys
from producers.register.traced import Caused, untraced
from topics.items.resident import PlannedMoveOut, ResidentRecord
from topics.messages.change import RecordState

_SQL = load_queries("producers.register", "queries.sql")


async def save_filings(connection: Connection, registered: Sequence[Filing], provisional: Sequence[Filing]) -> None:
    """Journal the filings; a provisional one with its body, without numbers, since it is to be decided later."""
    filings = [*registered, *provisional]
    await connection.execute(
        _SQL["save_filings"],
        [filing.filing_id for filing in filings],
        [filing.kind for filing in filings],
        ["registered"] * len(registered) + ["provisional"] * len(provisional),
        [filing.operator for filing in filings],
        [filing.filed_on for filing in filings],
        [None] * len(registered) + [without_numbers(filing) for filing in provisional],
    )


async def save_book(
    connection: Connection,
    book: Book,
    filings: Mapping[UUID, Filing],
    municipality: str,
    context_of: Caused = untraced,
) -> None:
    """Save residents, households, references, history and outbox of the book's entries."""
    if not book.entries:
        return
    records = [_json(entry.amendment.record) for entry in book.entries]
    await _save_residents(connection, book, records)
    await _save_households(connection, book)
    await _save_due(connection, book)
    await keep_requests(connection, book.entries)
    references = {r for entry in book.entries for r in _references(entry.amendment.record)}
    await connection.execute(_SQL["save_references"], sorted(references))
    safe = await never_protected(connection, sorted({entry.amendment.resident for entry in book.entries}))
    now = datetime.now(UTC)
    first = await take_positions(connection, len(book.entries))
    changes = [
        change_event(e, filings[e.filing_id], municipality, position, now, never_protected=e.amendment.resident in safe)
        for position, e in enumerate(book.entries, start=first)
    ]
    rows = [
        history_row(change, paired_reason(entry, filings[entry.filing_id]), record)
        for entry, change, record in zip(book.entries, changes, records, strict=True)
    ]
    await connection.copy_records_to_table("history", records=rows, columns=HISTORY_COLUMNS)
    await send(connection, changes, [context_of(change.group.filing) for change in changes])


async def _save_residents(connection: Connection, book: Book, records: Sequence[str | None]) -> None:
    newest = {e.amendment.resident: (e, record) for e, record in zip(book.entries, records, strict=True)}
    await connection.execute(
        _SQL["save_residents"],
        list(newest),
        [_household(book, entry) for entry, _ in newest.values()],
        [entry.history_number for entry, _ in newest.values()],
        [entry.amendment.state.value for entry, _ in newest.values()],
        [record for _, record in newest.values()],
    )
    await save_search_keys(connection, list(newest), [keys_of(e.amendment.record) for e, _ in newest.values()])


async def _save_households(connection: Connection, book: Book) -> None:
    touched = sorted(book.households)
    await connection.execute(_SQL["save_households"], touched, [book.head_of(number) for number in touched])


async def _save_due(connection: Connection, book: Book) -> None:
    """Who has newly announced a move-out is due; who has no such plan any more, or is gone, is not.

    An annulled removal is not due again: whether the person goes after all is for somebody to file.
    """
    due: dict[str, date | None] = {}
    for entry in book.entries:
        planned = _planned(entry.amendment.record) if entry.amendment.state is RecordState.ACTIVE else None
        before = book.earlier.get((entry.amendment.resident, entry.history_number - 1))
        if planned is None:
            due[entry.amendment.resident] = None
        elif before is None or planned != _planned(before.record):
            due[entry.amendment.resident] = date.fromisoformat(planned.planned_on)
    await connection.execute(_SQL["forget_due"], [resident for resident, day in due.items() if day is None])
    coming = {resident: day for resident, day in due.items() if day is not None}
    await connection.execute(_SQL["save_due"], list(coming), list(coming.values()))


def _planned(record: ResidentRecord | None) -> PlannedMoveOut | None:
    return None if record is None else record.planned_move_out


def _household(book: Book, entry: Entry) -> str:
    """Where the person lives, or lived last when the record is absent."""
    number = entry.history_number
    while (standing := book.earlier[entry.amendment.resident, number]).record is None:
        number -= 1
    return standing.record.household_number


def _references(record: ResidentRecord | None) -> list[str]:
    return [r for r in (record.my_number, record.resident_code) if r is not None] if record is not None else []


def _json(record: ResidentRecord | None) -> str | None:
    return None if record is None else record.model_dump_json(exclude_none=True)
