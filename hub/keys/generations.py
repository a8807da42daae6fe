"""How far each generation of each recipient is, once every number that is being given at this moment stands."""

from dataclasses import dataclass

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
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=HUB, principal=HUB)
    try:
        async with connection.transaction():
            await connection.execute(SQL["lock_head"])
            return [Generation(*row) for row in await connection.fetch(_SQL["generations"])]
    finally:
        await connection.close()
