"""Stopping a process at a chosen step: a trigger in its database waits for a lock that the test holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from hub.databases import HUB_DATABASE
from infra.runtime.databases import Database
from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings
from tests.polling import until

LOCK = 4242
DEADLINE_SECONDS = 120.0
_STOP = """
CREATE OR REPLACE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_lock_shared(4242);
    PERFORM pg_advisory_unlock_shared(4242);
    RETURN NULL;
END $$"""
_WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4242 AND NOT granted)"


class Step:
    """A statement at which whoever executes it now stands still."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def reached(self) -> None:
        """Return once somebody stands there."""
        await until(self._is_reached, DEADLINE_SECONDS, "nobody came to this step")

    async def _is_reached(self) -> bool:
        return bool(await self._connection.fetchval(_WAITING))


@asynccontextmanager
async def stopped_before(
    settings: Settings, table: str, event: str, database: Database = HUB_DATABASE
) -> AsyncIterator[Step]:
    """Whoever is about to do `event` to `table` of the first city stands still until the block ends."""
    name = database.name(settings.environment, settings.municipalities[0])
    open_as_admin = partial(connect, settings, name, role="admin", principal="admin")
    holder, connection = await open_as_admin(), await open_as_admin()
    try:
        await holder.execute(f"SELECT pg_advisory_lock({LOCK})")
        await connection.execute(_STOP)
        await connection.execute(
            f"CREATE TRIGGER stop_here BEFORE {event} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION stop_here()"
        )
        yield Step(connection)
        await holder.execute(f"SELECT pg_advisory_unlock({LOCK})")
        await connection.execute(f"DROP TRIGGER stop_here ON {table}")
    finally:
        await holder.close()
        await connection.close()
