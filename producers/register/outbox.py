"""What leaves the register: events at positions of their own, put where the relay finds them."""

from collections.abc import Sequence

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.change import Event

_SQL = load_queries("producers.register", "queries.sql")
COLUMNS = ("position", "addressee_number", "event", "traceparent")


async def take_positions(connection: Connection, count: int) -> int:
    """The first of the next `count` positions; their counter stays locked until commit."""
    return int(await connection.fetchval(_SQL["take_positions"], count)) - count + 1


async def send(connection: Connection, events: Sequence[Event], contexts: Sequence[str | None] = ()) -> None:
    """Put the events where the relay finds them, in the caller's transaction; with a trace context each, or none."""
    told = contexts or [None] * len(events)
    rows = [(event.position, event.resident, event.to_wire(), each) for event, each in zip(events, told, strict=True)]
    await connection.copy_records_to_table("outbox", records=rows, columns=COLUMNS)
