"""Parked records, opened again for the people who settle them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consumers.kit.seals import parked_row, seals
from infra.runtime.column_cipher import ColumnCipher
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
    own = seals(key)
    ciphers = {"key": own.parked_keys, "value": own.parked_values, "headers": own.parked_headers}
    return [_opened(dict(row), ciphers) for row in await connection.fetch(_SQL["parked"], municipality)]


def _opened(columns: dict[str, Any], ciphers: Mapping[str, ColumnCipher]) -> Parked:
    name = parked_row(columns["topic"], columns["partition"], columns["offset"])
    for part, cipher in ciphers.items():
        sealed = columns.pop(f"sealed_{part}")
        columns[part] = None if sealed is None else cipher.open(name, sealed)
    return Parked(**columns)
