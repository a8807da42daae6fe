"""Where a recipient stands, in numbers."""

from dataclasses import dataclass
from typing import Any

from consumers.databases import database_of
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient

_SQL = load_queries("consumers.kit", "queries.sql")


@dataclass(frozen=True, slots=True)
class Counts:
    """Deliveries over all served municipalities: applied and duplicates ever, held, parked and missing now."""

    applied: int = 0
    duplicates: int = 0
    held: int = 0
    parked: int = 0
    missing: int = 0


async def counts(settings: Settings, recipient: str) -> Counts:
    """The counts of `recipient`, read as its own role; raises `Refusal` when a database is not there."""
    rows = await _read(settings, recipient, "standing")
    return Counts(*(sum(row[column] for row in rows) for column in Counts.__slots__))


async def last_messages(settings: Settings, recipient: str) -> dict[str, int]:
    """The number of the last message that `recipient` has meant to send to the hub, by municipality."""
    return {row["municipality"]: row["last"] for row in await _read(settings, recipient, "last_messages")}


async def _read(settings: Settings, recipient: str, query: str) -> list[Any]:
    grant = declared_by_recipient(settings.grants_directory)[recipient]
    rows: list[Any] = []
    for name in database_of(grant).names(settings.environment, settings.municipalities):
        connection = await connect(settings, name, role=recipient, principal=recipient)
        try:
            rows += await connection.fetch(_SQL[query])
        finally:
            await connection.close()
    return rows
