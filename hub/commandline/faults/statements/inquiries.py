"""``consumers/intermediate/inquiries/queries.sql``, as far as nobody asks: where the desk stands, and what it owes."""

from collections.abc import Sequence

from consumers.intermediate.inquiries.lane import SQL
from hub.commandline.faults.statements.table import Statements, columns
from hub.commandline.faults.tables import Row, View

inquiries = Statements(SQL)


@inquiries.name("open_progress")
def open_progress(view: View, topic: str, partition: int, offset: int) -> Sequence[Row]:
    """The first offset not settled, which is at least the topic's first."""
    known = view.get("progress", topic, partition)
    reached = offset if known is None else max(known["next_offset"], offset)
    view.put("progress", {"topic": topic, "partition": partition, "next_offset": reached})
    return [{"next_offset": reached}]


@inquiries.name("unsent")
def unsent(view: View, city: str, institution: str, limit: int) -> Sequence[Row]:
    """The next answers of one institution."""
    rows = view.rows("answer_outbox", municipality=city, institution=institution)
    return columns(rows, "number", "message")[:limit]
