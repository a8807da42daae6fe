"""The lists of numbers that are awaited (番号未着一覧) and of requests that are stuck: they name nobody."""

from dataclasses import dataclass
from datetime import datetime

from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.connection import register_connection
from producers.register.inbox.worklist import check_account
from producers.register.number_requests.asking import AUTHORITY
from producers.register.retelling import retell

_SQL = load_queries("producers.register.number_requests", "queries.sql")
RETRIED = "a stuck number request is made again"


@dataclass(frozen=True, slots=True)
class Listed:
    """A request as it is shown: how often it was made, and why it is stuck."""

    id: int
    state: str
    code: str | None
    attempts: int
    requested_at: datetime
    asked_at: datetime
    retried_by: str | None


async def requests(settings: Settings, municipality: str) -> list[Listed]:
    """The requests that are awaited or stuck, the oldest first; raises `Refusal`."""
    async with register_connection(settings, municipality) as connection:
        return [Listed(**row) for row in await connection.fetch(_SQL["listed"])]


async def retry(settings: Settings, municipality: str, number: int, by: str) -> None:
    """Make a stuck request again, as often as any other from now on; raises `Refusal`."""
    check_account(by)
    async with register_connection(settings, municipality) as connection, connection.transaction():
        row = await connection.fetchrow(_SQL["stuck_one"], number)
        if row is None:
            raise Refusal("NUMBERS-UNKNOWN", f"there is no request {number}; kairan numbers list shows them")
        if row["state"] != "stuck":
            raise Refusal("NUMBERS-NOT-STUCK", f"request {number} is {row['state']}; only a stuck one is made again")
        await connection.execute(_SQL["retried"], number, by)
        await retell(connection, municipality, AUTHORITY, [row["addressee_number"]], reason=RETRIED, by=by)
