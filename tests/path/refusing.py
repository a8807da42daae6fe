"""A recipient that refuses: its own database has a rule that some residents break, until that is lifted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from consumers.databases import database_of
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient

PREFECTURE = "prefecture"
CODE = "KIT-NOT-STORABLE"


@asynccontextmanager
async def refused_by_prefecture(settings: Settings) -> AsyncIterator[None]:
    """Within the block the prefecture stores nobody's state anew, as if each broke a rule of its own."""
    grant = declared_by_recipient(settings.grants_directory)[PREFECTURE]
    name = database_of(grant).name(settings.environment, settings.municipalities[0])
    open_as_admin = partial(connect, settings, name, role="admin", principal="admin")
    connection = await open_as_admin()
    try:
        await connection.execute("ALTER TABLE identity ADD CONSTRAINT synthetic_rule CHECK (sequence < 0) NOT VALID")
        yield
        await connection.execute("ALTER TABLE identity DROP CONSTRAINT synthetic_rule")
    finally:
        await connection.close()
