"""What a restored server holds."""

from datetime import datetime

from infra.embedded.postgres import SUPERUSER
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings

_SQL = load_queries("infra.backup", "contents.sql")


async def last_transaction(settings: Settings) -> datetime | None:
    """When the last transaction was committed that recovery has replayed; None when it had nothing to replay."""
    connection = await connect(settings, "postgres", role=SUPERUSER, principal=SUPERUSER)
    try:
        last: datetime | None = await connection.fetchval(_SQL["last_transaction"])
    finally:
        await connection.close()
    return last


async def row_counts(settings: Settings) -> dict[str, int]:
    """How many rows each database holds in all its tables; every one of them is read."""
    connection = await connect(settings, "postgres", role=SUPERUSER, principal=SUPERUSER)
    try:
        names = [row["datname"] for row in await connection.fetch(_SQL["databases"])]
    finally:
        await connection.close()
    return {name: await _rows(settings, name) for name in names}


async def _rows(settings: Settings, database: str) -> int:
    connection = await connect(settings, database, role=SUPERUSER, principal=SUPERUSER)
    try:
        return sum([await _count(connection, row["relname"]) for row in await connection.fetch(_SQL["tables"])])
    finally:
        await connection.close()


async def _count(connection: Connection, table: str) -> int:
    return int(await connection.fetchval(f'SELECT count(*) FROM "{table}"'))  # noqa: S608 - a name of the catalogue
