"""What leaves the register: events at positions of their own, put where the relay finds them."""

from collections.abc import Sequence

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.change import Event

_SQL = load_queries("producers.register", "queries.sql")


async def take_positions(connection: Connection, count: int) -> int:
    """The first of the next `count` positions; their counter stays locked until commit."""
    return int(await connection.fetchval(_SQL["take_positions"], count)) - count + 1


async def send(connection: Connection, events: Sequence[Event]) -> None:
    """Put the events where the relay finds them, in the caller's transaction."""
    rows = [(event.position, event.resident, event.to_wire()) for event in events]
    await connection.copy_records_to_table("outbox", records=rows, columns=("position", "addressee_number", "event"))
