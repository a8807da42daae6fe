"""Where a recipient stands, in numbers."""

from dataclasses import dataclass
from typing import Any

from consumers.databases import database_of
from consumers.kit.connection import opened
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient

_SQL = load_queries("consumers.kit", "queries.sql")


@dataclass(frozen=True, slots=True)
class Counts:
    """Deliveries over all served municipalities: applied, duplicates and given up ever, held, parked and missing now.

    `strays` are those of the parked of which nobody can say whose delivery they are.
    """

    applied: int = 0
    duplicates: int = 0
    held: int = 0
    parked: int = 0
    missing: int = 0
    strays: int = 0
    given_up: int = 0


async def counts(settings: Settings, recipient: str) -> Counts:
    """The counts of `recipient`, read as its own role; raises `Refusal` when a database is not there."""
    rows = await _read(settings, recipient, "standing")
    return Counts(*(sum(row[column] for row in rows) for column in Counts.__slots__))


async def last_messages(settings: Settings, recipient: str) -> dict[str, int]:
    """The number of the last message that `recipient` has meant to send to the hub, by municipality."""
    return {row["municipality"]: row["last"] for row in await _read(settings, recipient, "last_messages")}


async def last_signed(settings: Settings, recipient: str) -> dict[str, int]:
    """The number of the last message that `recipient` may have signed, sealed or both under the keys it had until now,
    by municipality: batches under way have signed what they have not numbered yet, so they are waited for."""
    rows = await _read(settings, recipient, "last_messages", first="wait_for_batches")
    return {row["municipality"]: row["last"] for row in rows}


async def first_untaken(settings: Settings, recipient: str) -> dict[tuple[str, int], int]:
    """The lowest delivery number that `recipient` has not taken in, by municipality and generation."""
    rows = await _read(settings, recipient, "first_untaken")
    return {(row["municipality"], row["generation"]): row["number"] for row in rows}


async def _read(settings: Settings, recipient: str, query: str, *, first: str | None = None) -> list[Any]:
    """The rows of `query` in each of the recipient's databases, in one transaction after `first`."""
    grant = declared_by_recipient(settings.grants_directory)[recipient]
    rows: list[Any] = []
    for name in database_of(grant).names(settings.environment, settings.municipalities):
        async with opened(settings, name, recipient) as connection, connection.transaction():
            if first is not None:
                await connection.execute(_SQL[first])
            rows += await connection.fetch(_SQL[query])
    return rows
