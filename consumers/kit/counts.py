"""Where a recipient stands, in numbers."""

from dataclasses import dataclass

from consumers.databases import database_of
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.grant import declared_grants

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
    grant = next(grant for grant in declared_grants() if grant.recipient == recipient)
    rows = []
    for name in database_of(grant).names(settings.environment, settings.municipalities):
        connection = await connect(settings, name, role=recipient, principal=recipient)
        try:
            rows += await connection.fetch(_SQL["standing"])
        finally:
            await connection.close()
    return Counts(*(sum(row[column] for row in rows) for column in Counts.__slots__))
