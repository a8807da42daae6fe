"""What was found in a file, from the table of findings: complete, however often the intake was stopped meanwhile."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import to_json

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from producers.intake.findings import LineFinding, rule_of

_SQL = load_queries("producers.intake", "queries.sql")


@dataclass(frozen=True, slots=True)
class Count:
    """How often a code was found."""

    code: str
    refused: bool
    count: int

    @property
    def rule(self) -> str:
        """What holds."""
        return rule_of(self.code)


async def counts_by_code(connection: Connection, file: bytes) -> list[Count]:
    """Refusals first."""
    return [Count(**dict(row)) for row in await connection.fetch(_SQL["findings_by_code"], file)]


async def not_in_file(connection: Connection, file: bytes) -> int:
    """How many residents of the register a file does not tell of."""
    return int(await connection.fetchval(_SQL["not_in_file"], file))


async def findings(connection: Connection, file: bytes) -> AsyncIterator[LineFinding]:
    """All findings, by line."""
    async with connection.transaction():
        async for row in connection.cursor(_SQL["findings"], file):
            yield LineFinding(**dict(row))


async def write_report(connection: Connection, file: bytes, path: Path) -> None:
    """The findings as JSON lines."""
    with path.open("wb") as stream:
        async for found in findings(connection, file):
            stream.write(to_json(found.told()) + b"\n")
