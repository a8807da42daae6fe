"""How far each generation of each recipient is, once every number that is being given at this moment stands."""

from dataclasses import dataclass
from typing import Any

from hub.databases import HUB_DATABASE
from hub.store import SQL
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import HUB

_SQL = load_queries("hub.keys", "queries.sql")


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of a recipient's deliveries in one municipality: last number given, last one acknowledged."""

    recipient: str
    generation: int
    last_number: int
    acknowledged: int
    is_revoked: bool


async def generations(settings: Settings, municipality: str) -> list[Generation]:
    """All generations that ever were; waits for the router's transaction, and it for us. Raises `Refusal`."""
    return [Generation(*row) for row in await _fetch(settings, municipality, "generations")]


async def last_for_register(settings: Settings, municipality: str) -> int:
    """The number of the last message to the register; waits in the same way. Raises `Refusal`."""
    (row,) = await _fetch(settings, municipality, "last_for_register")
    return int(row["register_number"])


async def _fetch(settings: Settings, municipality: str, query: str) -> list[Any]:
    """The rows of `query` under the locked head."""
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=HUB, principal=HUB)
    try:
        async with connection.transaction():
            await connection.execute(SQL["lock_head"])
            rows: list[Any] = await connection.fetch(_SQL[query])
    finally:
        await connection.close()
    return rows
