"""Retelling (再送): one recipient is to be told residents' present state anew, at its place in the register's order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid5

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from producers.register.outbox import send, take_positions
from topics.messages.change import Group, Retelling

_SQL = load_queries("producers.register", "queries.sql")


async def retell(
    connection: Connection,
    municipality: str,
    recipient: str,
    residents: Sequence[str],
    *,
    reason: str,
    by: str,
    second: str | None = None,
) -> None:
    """Put an event for each resident up for sending, and on record who asked for it and why; in the caller's
    transaction, whose last step it is: the counter of positions stays locked until commit."""
    first = await take_positions(connection, len(residents))
    now = datetime.now(UTC)
    events = [_event(municipality, recipient, who, place, now) for place, who in enumerate(residents, start=first)]
    positions = [event.position for event in events]
    await connection.execute(_SQL["save_retellings"], positions, list(residents), recipient, reason, by, second)
    await send(connection, events)


def _event(municipality: str, recipient: str, resident: str, position: int, now: datetime) -> Retelling:
    event_id = uuid5(NAMESPACE_OID, f"{municipality}/retelling/{position}")
    return Retelling(
        event_id=event_id,
        municipality=municipality,
        position=position,
        group=Group(filing=event_id, index=1, count=1),
        resident=resident,
        recipient=recipient,
        registered_at=now,
    )
