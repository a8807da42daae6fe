"""Asking again for deliveries that never arrived: at growing intervals, until they do."""

from collections.abc import Callable, Sequence

import structlog

from consumers.kit.faults import TRANSIENT
from consumers.kit.lane import Lane
from consumers.kit.outbox import enqueue, resend_requests
from infra.runtime.queries import load_queries
from infra.runtime.service import Stop, pause

_SQL = load_queries("consumers.kit", "queries.sql")
LOOK_SECONDS = 1.0
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 3600.0


async def ask_for_missing(party: str, owned: Callable[[], Sequence[Lane]], stop: Stop) -> None:
    """Look at the owned lanes' missing numbers once a second until `stop`."""
    log = structlog.get_logger().bind(party=party)
    while not stop.is_set():
        try:
            for lane in owned():
                await ask_again(lane)
        except TRANSIENT as error:
            log.warning("waiting out a fault", code="KIT-FAULT", error=error)
        await pause(stop, LOOK_SECONDS)


async def ask_again(lane: Lane) -> None:
    """Ask for the missing numbers whose pause is over; the pause doubles with each ask."""
    terms = lane.terms
    async with lane.pool.acquire() as connection, connection.transaction():
        due = await connection.fetch(
            _SQL["ask_again"], terms.municipality, terms.generation, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS
        )
        numbers = frozenset(row["number"] for row in due)
        drafts = resend_requests(numbers, terms.recipient, terms.municipality, terms.generation)
        await enqueue(connection, terms.municipality, drafts)
