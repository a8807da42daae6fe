"""Saying that there is no protection: of residents who came from a system that did not tell."""

from datetime import UTC, date, datetime
from uuid import UUID

from infra.runtime.postgres import Pool
from infra.runtime.queries import load_queries
from producers.register.filings import Day, Operator
from producers.register.outbox import send, take_positions
from producers.register.protection.events import step_events
from topics.messages.protection import NOT_PROTECTED
from topics.model import WireModel

_SQL = load_queries("producers.register.protection", "queries.sql")
PERSONS_AT_ONCE = 1000


class Declaration(WireModel):
    """Who says so, and when: the list of the other system was gone through, and its protections were filed here."""

    filing_id: UUID
    operator: Operator
    filed_on: Day


async def declare_none(pool: Pool, municipality: str, declaration: Declaration) -> int:
    """Tell of everybody of whom it is unknown that there is none; returns of how many. Stopped half-way, it goes on
    with whom is left. Whoever has a step of a protection is left alone."""
    told = 0
    while some := await _declare_some(pool, municipality, declaration):
        told += some
    return told


async def _declare_some(pool: Pool, municipality: str, declaration: Declaration) -> int:
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(_SQL["still_unknown"], PERSONS_AT_ONCE)
        persons = [row["addressee_number"] for row in rows]
        if not persons:
            return 0
        first = await take_positions(connection, len(persons))
        stands = [(declaration.filing_id, resident, NOT_PROTECTED) for resident in persons]
        events = step_events(stands, municipality, first, datetime.now(UTC))
        positions = [event.position for event in events]
        told = (declaration.filing_id, declaration.operator, date.fromisoformat(declaration.filed_on))
        await connection.execute(_SQL["declared_none"], persons, positions, *told)
        await send(connection, events)
    return len(persons)
