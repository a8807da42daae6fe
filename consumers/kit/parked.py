"""Parked records, opened again for the people who settle them."""

from dataclasses import dataclass
from datetime import datetime

from consumers.kit.seals import parked_row, seals
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries

_SQL = load_queries("consumers.kit", "queries.sql")


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked record: coordinates, bytes as they came, and why it was parked."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: bytes
    code: str
    parked_at: datetime


async def parked(connection: Connection, municipality: str, key: bytes) -> list[Parked]:
    """The municipality's parked records in topic order, opened with the recipient's `key`."""
    cipher = seals(key).parked
    found = []
    for row in await connection.fetch(_SQL["parked"], municipality):
        columns = dict(row)
        sealed = columns.pop("sealed_value")
        name = parked_row(row["topic"], row["partition"], row["offset"])
        found.append(Parked(**columns, value=None if sealed is None else cipher.open(name, sealed)))
    return found
