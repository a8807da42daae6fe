"""Where a deployment leaves bytes: topics, tables, write-ahead log, log files, reports; each with what it may hold.

Files are read as they lie on the disk, topics and tables decompressed. What PostgreSQL has compressed within its
write-ahead log is not opened: the tables that it writes are searched instead.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from infra.check.canaries import Kind, Leak, Scan
from infra.check.permitted import NO_NUMBER, NOTHING, permitted_by
from infra.check.segments import stored_records
from infra.runtime.databases import database_name
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN, qualified
from topics.grant import Grant

_SQL = load_queries("infra.check", "artefacts.sql")
BROKERS_OWN = "__"
"""How the brokers' own topics begin: groups, offsets, transactions, the cluster's metadata."""
SEALED_TABLES = frozenset({"held", "parked"})
"""Where records wait that cannot be applied: nothing of theirs may be readable, whatever was granted."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """Bytes that somebody left, where they lie, and the kinds of value that may be seen in them."""

    name: str
    octets: bytes = field(repr=False)
    permitted: frozenset[Kind] = NOTHING

    def leaks(self, scan: Scan) -> list[Leak]:
        """What stands here and may not."""
        return list(scan.leaks(self.name, self.octets, self.permitted))


def topic_artefacts(settings: Settings) -> Iterator[Artefact]:
    """The environment's topics and the brokers' own, by segment: values, and apart from them keys and headers; nothing
    may be seen on any of them."""
    for file in sorted((settings.state_directory / "kafka").glob("node-*/*/*.log")):
        topic = file.parent.name.rpartition("-")[0]
        if topic.startswith((qualified(settings.environment, ""), BROKERS_OWN)):
            yield from segment_artefacts(file)


def segment_artefacts(file: Path) -> Iterator[Artefact]:
    """One segment's values, and its keys and headers."""
    name = "/".join(file.parts[-3:])
    records = list(stored_records(file.read_bytes()))
    yield Artefact(f"{name} values", b"\n".join(record.value for record in records))
    beside = (part for record in records for part in (record.key, *(value for _, value in record.headers)))
    yield Artefact(f"{name} keys and headers", b"\n".join(beside))


def log_artefacts(state_directory: Path) -> Iterator[Artefact]:
    """The output of every process, brokers and PostgreSQL among them."""
    return file_artefacts(sorted((state_directory / "logs").glob("*.log")))


def file_artefacts(files: Iterable[Path]) -> Iterator[Artefact]:
    """Files of any kind in which nothing may be seen, such as reports of tests."""
    return (Artefact(file.name, file.read_bytes()) for file in files)


def write_ahead_artefacts(data_directory: Path, first: str = "") -> Iterator[Artefact]:
    """PostgreSQL's write-ahead log, from segment `first` on: nowhere may a number be written that is not sealed."""
    for file in sorted((data_directory / "pg_wal").glob("[0-9A-F]" * 24)):
        if file.name >= first:
            yield Artefact(f"pg_wal/{file.name}", file.read_bytes(), NO_NUMBER)


async def table_artefacts(settings: Settings, grants: Sequence[Grant]) -> AsyncIterator[Artefact]:
    """Every table of every database of the environment, as an administrator can read it."""
    permitted = _permitted_in_databases(settings, grants)
    for name in await _databases(settings):
        connection = await connect(settings, name, role=ADMIN, principal=ADMIN)
        try:
            for row in await connection.fetch(_SQL["tables"]):
                table = row["relname"]
                allowed = NOTHING if table in SEALED_TABLES else permitted.get(name, NOTHING)
                yield Artefact(f"{name}.{table}", await _contents(connection, table), allowed)
        finally:
            await connection.close()


def _permitted_in_databases(settings: Settings, grants: Sequence[Grant]) -> dict[str, frozenset[Kind]]:
    """No number is readable in any database, and none has more than its owner is granted."""
    kinds = {grant.recipient: permitted_by(grant) & NO_NUMBER for grant in grants}
    kinds |= {"register": NO_NUMBER, "hub": NO_NUMBER, "numbers": NOTHING}
    return {
        database_name(kind, settings.environment, municipality): permitted
        for kind, permitted in kinds.items()
        for municipality in (None, *settings.municipalities)
    }


async def _databases(settings: Settings) -> list[str]:
    server = await connect(settings, "postgres", role=ADMIN, principal=ADMIN)
    try:
        prefix = f"{settings.environment}_" if settings.environment else ""
        return [row["datname"] for row in await server.fetch(_SQL["databases"], prefix)]
    finally:
        await server.close()


async def _contents(connection: Connection, table: str) -> bytes:
    contents = BytesIO()
    await connection.copy_from_table(table, output=contents, format="binary")
    return contents.getvalue()
