"""Writes what the intake itself keeps of a batch: whose row came last, what went before, what was found."""

from pydantic_core import to_json

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from producers.intake.standing import Sorted

_SQL = load_queries("producers.intake", "queries.sql")


async def save_batch(connection: Connection, file: bytes, batch: Sorted) -> None:
    """In the transaction that is open."""
    await _save_persons(connection, file, batch)
    await _save_former(connection, file, batch)
    await _save_findings(connection, file, batch)


async def _save_persons(connection: Connection, file: bytes, batch: Sorted) -> None:
    await connection.execute(
        _SQL["save_persons"],
        [row.addressee_number for row in batch.present],
        [row.version[0] for row in batch.present],
        [row.version[1] for row in batch.present],
        file,
        [row.line for row in batch.present],
    )


async def _save_former(connection: Connection, file: bytes, batch: Sorted) -> None:
    if not batch.former:
        return
    await connection.execute(
        _SQL["save_former"],
        [row.addressee_number for row in batch.former],
        [row.version[0] for row in batch.former],
        [row.version[1] for row in batch.former],
        [row.reason for row in batch.former],
        [to_json(row.record).decode() for row in batch.former],
        file,
    )


async def _save_findings(connection: Connection, file: bytes, batch: Sorted) -> None:
    if not batch.findings:
        return
    await connection.execute(
        _SQL["save_findings"],
        file,
        [each.line for each in batch.findings],
        [each.code for each in batch.findings],
        [each.field for each in batch.findings],
        [each.refused for each in batch.findings],
    )
