"""Stopping a process at a chosen step: a trigger in its database waits for a lock that the drill holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from hub.commandline.drills.waiting import until
from hub.databases import HUB_DATABASE
from infra.runtime.databases import Database
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN

_SQL = load_queries("hub.commandline.drills", "stops.sql")
DEADLINE_SECONDS = 120.0


class Step:
    """A statement at which whoever executes it now stands still."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def reached(self) -> None:
        """Return once somebody stands there."""
        await until(self._is_reached, "nobody came to this step", DEADLINE_SECONDS)

    async def _is_reached(self) -> bool:
        return bool(await self._connection.fetchval(_SQL["waiting"]))


@asynccontextmanager
async def stopped_before(
    settings: Settings, table: str, event: str, database: Database = HUB_DATABASE
) -> AsyncIterator[Step]:
    """Whoever is about to do `event` to `table` of the first city's database stands still until the block ends."""
    name = database.name(settings.environment, settings.municipalities[0])
    open_as_admin = partial(connect, settings, name, role=ADMIN, principal=ADMIN)
    holder, connection = await open_as_admin(), await open_as_admin()
    try:
        await holder.execute(_SQL["hold"])
        await connection.execute(_SQL["function"])
        await connection.execute(
            f'CREATE TRIGGER stop_here BEFORE {event} ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION stop_here()'
        )
        yield Step(connection)
        await holder.execute(_SQL["let_go"])
        await connection.execute(f'DROP TRIGGER stop_here ON "{table}"')
    finally:
        await holder.close()
        await connection.close()
