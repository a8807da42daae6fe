"""From what stands in the book to what is written: the change event and the history row of an entry."""

from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid5

from producers.register.book import Entry
from producers.register.filings import Filing
from topics.messages.change import Change, ChangeDates, ChangeKind, Group
from topics.reason_matrix import reason_matrix
from topics.reasons import reason_code

JAPAN = timezone(timedelta(hours=9))


def change_event(
    entry: Entry,
    filing: Filing,
    municipality: str,
    position: int,
    registered_at: datetime,
    *,
    never_protected: bool = False,
) -> Change:
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
        reason=reason_code(amendment.reason, filing.filed_day),
        history_number=entry.history_number,
        refers_to=amendment.refers_to,
        changed_items=entry.changed_items,
        dates=_dates(entry, filing, registered_at),
        operator=filing.operator,
        registered_at=registered_at,
        after=amendment.record,
        protection="none" if never_protected else None,
    )


def paired_reason(entry: Entry, filing: Filing) -> str | None:
    """The code of the removal that the entry's reason stands for as well, if it does."""
    pair = reason_matrix()[entry.amendment.reason].pair
    return pair and reason_code(pair, filing.filed_day)


def history_row(change: Change, paired: str | None, record: str | None) -> tuple[Any, ...]:
    """The change as a row of `history`, in the order of `HISTORY_COLUMNS`."""
    return (
        change.resident,
        change.history_number,
        change.position,
        change.group.filing,
        change.group.index,
        change.group.count,
        change.kind.value,
        change.reason,
        paired,
        change.state.value,
        change.refers_to,
        change.dates.model_dump_json(exclude_none=True),
        record,
        change.registered_at,
    )


HISTORY_COLUMNS = (
    "addressee_number", "history_number", "position", "filing_id", "group_index", "group_count", "kind", "reason",
    "paired_reason", "state", "refers_to", "dates", "record", "registered_at",
)  # fmt: skip


def _dates(entry: Entry, filing: Filing, registered_at: datetime) -> ChangeDates:
    """The six dates, as far as the reason tells them; the day of input is nobody's choice."""
    needs = reason_matrix()[entry.amendment.reason].dates.needs()
    told = {field: getattr(filing, field) for field, need in needs.items() if need != "never"}
    record = entry.amendment.record
    removal = record.removal if record is not None and entry.amendment.kind is ChangeKind.CEASED else None
    day = removal.removed_on if removal else filing.changed_on
    return ChangeDates(changed_on=day, processed_on=registered_at.astimezone(JAPAN).date().isoformat(), **told)
