"""Settling a batch of inquiries: progress, log and answers in one transaction, so that each is answered once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic_core import from_json

from consumers.intermediate.inquiries.deciding import Copy, Decision, Known, decide
from consumers.intermediate.inquiries.lane import SQL, InquiryLane
from consumers.kit.desk import settling
from consumers.kit.record import Record
from infra.runtime.postgres import Connection
from topics.envelope.opening import EnvelopeError
from topics.guarded import Purpose
from topics.inquiries import permitted_items
from topics.messages.inquiry import Answer, Inquiry
from topics.scope import CATALOGUES

UNDECODABLE = "INQUIRY-UNDECODABLE"
NOT_OURS = "INQUIRY-NOT-OURS"
DOUBLED = "INQUIRY-DOUBLED"
CATALOGUE = CATALOGUES["resident"]

Permitted = Callable[[Inquiry], frozenset[int]]
"""The items that may be told upon an inquiry."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A record that is an inquiry of this lane."""

    offset: int
    inquiry: Inquiry


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log (情報提供等記録); `decision` is None for what gets no answer, `refused` then says why."""

    offset: int
    inquiry: Inquiry | None
    decision: Decision | None
    refused: str = ""


def examine(lane: InquiryLane, record: Record) -> Asked | Entry:
    """The inquiry in a record, or why it is none of this lane."""
    try:
        opened = lane.opener.open(record.value or b"", record.key)
        inquiry = Inquiry.from_wire(opened.payload)
    except EnvelopeError as refused:
        return Entry(record.offset, None, None, refused.code)
    except ValueError:
        return Entry(record.offset, None, None, UNDECODABLE)
    if (inquiry.institution, inquiry.municipality) != (lane.institution, lane.municipality):
        return Entry(record.offset, None, None, NOT_OURS)
    return Asked(record.offset, inquiry)


async def settle(lane: InquiryLane, records: Sequence[Record], today: date, granted: frozenset[int]) -> list[Entry]:
    """Settle `records`, contiguous and in order, telling no more than `granted` items; raises `Fenced` when they are
    not the lane's next ones."""
    examined = [examine(lane, record) for record in records]
    async with settling(lane.pool, SQL, lane.place, records) as connection:
        entries = await _decided(connection, lane, examined, lambda asked: _permitted(asked, today) & granted)
        await _answer(connection, lane, entries)
        await _enter(connection, lane, entries)
    return entries


async def _decided(
    connection: Connection, lane: InquiryLane, examined: Sequence[Asked | Entry], permitted: Permitted
) -> list[Entry]:
    whose = (lane.municipality, lane.institution)
    asked = [each for each in examined if isinstance(each, Asked)]
    ids = [each.inquiry.inquiry_id for each in asked]
    before = {row["inquiry_id"] for row in await connection.fetch(SQL["asked_before"], *whose, ids)}
    codes = [each.inquiry.code.reveal(Purpose.HOLD) for each in asked]
    rows = await connection.fetch(SQL["known"], *whose, codes)
    known = {asked[row["place"] - 1].offset: _known(row) for row in rows}
    return list(_entries(examined, before, known, permitted))


def _entries(
    examined: Sequence[Asked | Entry], before: set[str], known: dict[int, Known], permitted: Permitted
) -> Iterator[Entry]:
    for each in examined:
        if isinstance(each, Entry):
            yield each
        elif each.inquiry.inquiry_id in before:
            yield Entry(each.offset, each.inquiry, None, DOUBLED)
        else:
            before.add(each.inquiry.inquiry_id)
            decision = decide(each.inquiry, permitted(each.inquiry), known.get(each.offset))
            yield Entry(each.offset, each.inquiry, decision)


def _permitted(inquiry: Inquiry, today: date) -> frozenset[int]:
    return permitted_items(inquiry.institution, inquiry.purpose, today)


def _known(row: Any) -> Known:
    if row["version"] is None:
        return Known(row["link_number"], None)
    items = from_json(row["items"])
    return Known(row["link_number"], Copy(row["version"], items, row["published_from"], row["published"], row["open"]))


async def _answer(connection: Connection, lane: InquiryLane, entries: Sequence[Entry]) -> None:
    decided = [(e.inquiry, e.decision) for e in entries if e.inquiry is not None and e.decision is not None]
    if not decided:
        return
    whose = (lane.municipality, lane.institution)
    last: int = await connection.fetchval(SQL["allot"], *whose, len(decided))
    numbers = range(last - len(decided) + 1, last + 1)
    answers = [answer(number, *each).to_wire() for number, each in zip(numbers, decided, strict=True)]
    await connection.execute(SQL["enqueue"], *whose, list(numbers), answers)


def answer(number: int, inquiry: Inquiry, decision: Decision) -> Answer:
    """What the institution is told: of a copy that may be told of, the items asked for that it has, and no more."""
    told = decision.copy
    fields = CATALOGUE.fields(inquiry.items)
    return Answer(
        institution=inquiry.institution,
        municipality=inquiry.municipality,
        number=number,
        inquiry_id=inquiry.inquiry_id,
        outcome=decision.outcome,
        version=told.version if told else None,
        published_from=told.published_from if told else None,
        items={field: value for field, value in told.items.items() if field in fields} if told else None,
    )


async def _enter(connection: Connection, lane: InquiryLane, entries: Sequence[Entry]) -> None:
    columns = (list(column) for column in zip(*(_columns(entry) for entry in entries), strict=True))
    await connection.execute(SQL["enter"], lane.municipality, lane.institution, *lane.place, *columns)


def _columns(entry: Entry) -> tuple[object, ...]:
    inquiry, decision = entry.inquiry, entry.decision
    asked = (inquiry.inquiry_id, inquiry.purpose, _array(inquiry.items)) if inquiry else (None, None, None)
    if decision is None:
        return entry.offset, *asked, "refused", entry.refused, None, None
    version = decision.copy.version if decision.copy else None
    return entry.offset, *asked, decision.outcome, decision.code, decision.link_number, version


def _array(items: Sequence[int]) -> str:
    """The numbers as PostgreSQL writes an array: rows of different lengths go in one statement."""
    return f"{{{','.join(map(str, items))}}}"
