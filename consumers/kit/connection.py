"""A connection to a recipient's own database, for what is not its running process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from consumers.databases import database_of
from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient
from topics.grant import Grant


@asynccontextmanager
async def recipient_connection(settings: Settings, grant: Grant, municipality: str) -> AsyncIterator[Connection]:
    """Open as long as the block, as the recipient; raises `Refusal`."""
    async with opened(settings, database_of(grant).name(settings.environment, municipality), grant.recipient) as found:
        yield found


@asynccontextmanager
async def opened(settings: Settings, database: str, role: str) -> AsyncIterator[Connection]:
    """A database by its name, as `role`, open as long as the block; raises `Refusal`."""
    connection = await connect(settings, database, role=role, principal=role)
    try:
        yield connection
    finally:
        await connection.close()


async def rows_of(settings: Settings, recipient: str, query: str, *arguments: object, role: str = "") -> list[Any]:
    """The rows of `query` in each of the recipient's databases, as `role` or else the recipient; raises `Refusal`."""
    grant = declared_by_recipient(settings.grants_directory)[recipient]
    rows: list[Any] = []
    for name in database_of(grant).names(settings.environment, settings.municipalities):
        async with opened(settings, name, role or recipient) as connection:
            rows += await connection.fetch(query, *arguments)
    return rows
