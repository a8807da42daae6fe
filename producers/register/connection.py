"""A connection to one municipality's register as the role that writes it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from topics.catalogue import REGISTER


@asynccontextmanager
async def register_connection(settings: Settings, municipality: str) -> AsyncIterator[Connection]:
    """Open as long as the block; raises `Refusal`."""
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=REGISTER, principal=REGISTER)
    try:
        yield connection
    finally:
        await connection.close()
