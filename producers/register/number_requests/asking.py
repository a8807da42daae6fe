"""Asking again (再要求): a request whose reply does not come is told anew, so often and then not any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.connection import register_connection
from producers.register.number_requests.keeping import mark_stuck
from producers.register.retelling import retell

_SQL = load_queries("producers.register.number_requests", "queries.sql")
AUTHORITY = "numbering"
"""The recipient that gives numbers (機構)."""
NO_REPLY = "REG-NUMBER-NO-REPLY"
REASON = "no reply to the number request"
OPERATOR = "register-clock"
REQUESTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """How many requests were made again, and how many are stuck since they were made often enough."""

    again: int = 0
    stuck: int = 0

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(self.again + other.again, self.stuck + other.stuck)


async def ask_again(settings: Settings, municipality: str) -> Asked:
    """Make every request again whose reply is overdue; raises `Refusal`."""
    whole, most = Asked(), settings.number_request_attempts
    async with register_connection(settings, municipality) as connection:
        overdue = await connection.fetchval(_SQL["overdue_since"], timedelta(hours=settings.number_reply_hours))
        while (done := await _some(connection, municipality, overdue, most)) != Asked():
            whole += done
    return whole


async def _some(connection: Connection, municipality: str, overdue: datetime, most: int) -> Asked:
    """Some of those made before `overdue`, in one transaction with their events: a clock that is killed asks nobody
    twice, nor do two side by side."""
    async with connection.transaction():
        due = await connection.fetch(_SQL["due"], overdue, REQUESTS_AT_ONCE)
        again = [row["addressee_number"] for row in due if row["attempts"] < most]
        stuck = [(row["addressee_number"], NO_REPLY) for row in due if row["attempts"] >= most]
        await mark_stuck(connection, stuck)
        if again:
            await connection.execute(_SQL["asked_again"], again)
            await retell(connection, municipality, AUTHORITY, again, reason=REASON, by=OPERATOR)
    return Asked(len(again), len(stuck))
