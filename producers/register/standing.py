"""Where a register stands, and whom it has."""

from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.connection import register_connection
from producers.register.databases import REGISTER_DATABASE
from topics.catalogue import OPERATIONS

_SQL = load_queries("producers.register", "queries.sql")


async def last_position(settings: Settings, municipality: str) -> int:
    """The position of the last registered change."""
    async with register_connection(settings, municipality) as connection:
        return int(await connection.fetchval(_SQL["last_position"]))


async def last_access_number(settings: Settings, municipality: str) -> int:
    """The number of the last entry of the access log that was put up for sending."""
    async with register_connection(settings, municipality) as connection:
        return int(await connection.fetchval(_SQL["last_access_number"]))


async def outbox_standing(settings: Settings, municipality: str) -> tuple[int, int]:
    """The last position given, and how many changes the outbox holds; read as the role `ops`."""
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=OPERATIONS, principal=OPERATIONS)
    try:
        (row,) = await connection.fetch(_SQL["outbox_standing"])
        return row["position"], row["outbox"]
    finally:
        await connection.close()


async def some_residents(settings: Settings, municipality: str, count: int) -> list[str]:
    """Addressee numbers of `count` active residents, the lowest first."""
    async with register_connection(settings, municipality) as connection:
        return [row["addressee_number"] for row in await connection.fetch(_SQL["some_residents"], count)]


async def reasons_after(settings: Settings, municipality: str, position: int) -> dict[str, int]:
    """How often each reason's code was registered after `position`; a pair counts for its entry and its removal."""
    async with register_connection(settings, municipality) as connection:
        return {row["reason"]: row["changes"] for row in await connection.fetch(_SQL["reasons_after"], position)}
