"""From what stands in the book to what is written: the change event and the history row of an entry."""

from datetime import datetime
from typing import Any
from uuid import uuid5

from producers.register.book import Entry
from producers.register.filings import Filing, MoveOutEffective
from topics.messages.change import Change, ChangeDates, Group, RecordState


def change_event(entry: Entry, filing: Filing, municipality: str, position: int, registered_at: datetime) -> Change:
    """The change as it will travel; its id is the filing's and the index, so that it can never be made twice."""
    amendment = entry.amendment
    return Change(
        event_id=uuid5(filing.filing_id, str(entry.index)),
        municipality=municipality,
        position=position,
        group=Group(filing=filing.filing_id, index=entry.index, count=entry.count),
        resident=amendment.resident,
        kind=amendment.kind,
        state=amendment.state,
        reason=amendment.reason,
        history_number=entry.history_number,
        refers_to=amendment.refers_to,
        changed_items=entry.changed_items,
        dates=_dates(entry, filing, registered_at),
        operator=filing.operator,
        registered_at=registered_at,
        after=amendment.record,
    )


def history_row(entry: Entry, position: int, record: str | None, registered_at: datetime) -> tuple[Any, ...]:
    """The entry as a row of `history`, in the order of `HISTORY_COLUMNS`."""
    amendment = entry.amendment
    return (
        amendment.resident,
        entry.history_number,
        position,
        entry.filing_id,
        entry.index,
        entry.count,
        amendment.kind.value,
        amendment.reason,
        amendment.state.value,
        amendment.refers_to,
        record,
        registered_at,
    )


HISTORY_COLUMNS = (
    "addressee_number", "history_number", "position", "filing_id", "group_index", "group_count", "kind", "reason",
    "state", "refers_to", "record", "registered_at",
)  # fmt: skip


def _dates(entry: Entry, filing: Filing, registered_at: datetime) -> ChangeDates:
    notified = filing.notified_on if isinstance(filing, MoveOutEffective) else None
    record = entry.amendment.record
    removal = record.removal if record is not None and entry.amendment.state is RecordState.CEASED else None
    return ChangeDates(
        changed_on=removal.removed_on if removal else filing.changed_on,
        processed_on=registered_at.date().isoformat(),
        filed_on=filing.filed_on,
        notified_on=notified,
    )
