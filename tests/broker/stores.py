"""A store to be tried: one hub's, one numbers and each recipient's database, in memory or in PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from consumers.databases import database_of
from hub.commandline.faults.connection import MemoryPool
from hub.commandline.faults.schemas import COPY_SCHEMAS, HUB_SCHEMA, KIT_SCHEMA, NUMBERS_SCHEMA
from hub.commandline.faults.statements import KNOWN
from hub.commandline.faults.statements.hub import new_head
from hub.commandline.faults.steps import Immediately
from hub.commandline.faults.tables import Database
from hub.databases import HUB_DATABASE
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import open_pool
from infra.runtime.settings import Settings
from producers.register.databases import NUMBERS_DATABASE
from topics.declared import declared_by_recipient

CITY = "142158"
RECIPIENTS = tuple(COPY_SCHEMAS)
Pools = dict[str, Any]
"""A pool by what its database is: ``hub``, ``numbers``, or a recipient."""


def in_memory() -> Pools:
    """A store in memory, empty but for the hub's head."""
    schemas = {"hub": HUB_SCHEMA, "numbers": NUMBERS_SCHEMA} | {
        name: KIT_SCHEMA | schema for name, schema in COPY_SCHEMAS.items()
    }
    databases = {name: Database(name, schema) for name, schema in schemas.items()}
    databases["hub"].tables["head"][True,] = new_head()
    return {name: MemoryPool(database, Immediately(), KNOWN) for name, database in databases.items()}


@asynccontextmanager
async def in_postgresql(settings: Settings) -> AsyncIterator[Pools]:
    """The same as migrations make it."""
    grants = declared_by_recipient()
    kinds = {"hub": HUB_DATABASE, "numbers": NUMBERS_DATABASE} | {
        name: database_of(grants[name]) for name in RECIPIENTS
    }
    await prepare_databases(settings, tuple(kinds.values()))
    async with AsyncExitStack() as pools:
        opened = {}
        for name, kind in kinds.items():
            database = kind.name(settings.environment, CITY)
            opened[name] = await pools.enter_async_context(
                await open_pool(settings, database, role="admin", principal="admin", connections=3)
            )
        yield opened
