"""Forward-only numbered migrations: each ``NNNN_name.sql`` runs once, in order; what a database lacks comes in one
transaction with its record, and databases are made ready side by side."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import asyncpg

from infra.runtime.databases import Database
from infra.runtime.keys import create_key, load_key
from infra.runtime.postgres import connect, role_key
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

ADMIN = "admin"
SIDE_BY_SIDE = 8
"""Databases that are made ready at once."""
STRATEGIES = {"on": "wal_log", "off": "file_copy"}
"""How a new database comes about, by the server's fsync: copying files is the quicker way where none is synced."""
ROLE = ':"role"'
"""In a migration that several kinds of database share: the role that its database is for, as psql would write it."""
_JOURNAL = """CREATE TABLE IF NOT EXISTS migration (
    package text, name text, sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (package, name))"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its package, name, text and digest."""

    package: str
    name: str
    sql: str
    sha256: str


async def prepare_databases(settings: Settings, databases: tuple[Database, ...]) -> int:
    """Create missing roles and databases and apply missing migrations; returns how many migrations ran.

    Raises `Refusal` when a migration that already ran has been edited since.
    """
    server = await connect(settings, "postgres", role=ADMIN, principal=ADMIN)
    try:
        await _create_roles(server, settings, {role for database in databases for role in database.roles})
        return await _make_ready(server, settings, databases)
    finally:
        await server.close()


async def _make_ready(server: asyncpg.Connection, settings: Settings, databases: tuple[Database, ...]) -> int:
    """While one is created, those before it are migrated."""
    existing = {row["datname"] for row in await server.fetch("SELECT datname FROM pg_database")}
    turn, migrating = asyncio.Semaphore(SIDE_BY_SIDE), list[asyncio.Task[int]]()
    strategy = STRATEGIES[await server.fetchval("SHOW fsync")]
    try:
        for name, database in _named(settings, databases):
            if name not in existing:
                await _create_database(server, name, database.roles, strategy)
            migrating.append(asyncio.create_task(_migrate(settings, name, database, turn)))
        return sum(await asyncio.gather(*migrating))
    finally:
        for task in migrating:
            task.cancel()
        await asyncio.gather(*migrating, return_exceptions=True)


def _named(settings: Settings, databases: tuple[Database, ...]) -> Iterator[tuple[str, Database]]:
    for database in databases:
        for name in database.names(settings.environment, settings.municipalities):
            yield name, database


async def _create_roles(server: asyncpg.Connection, settings: Settings, roles: set[str]) -> None:
    existing = {row["rolname"] for row in await server.fetch("SELECT rolname FROM pg_roles")}
    for role in sorted(roles - existing):
        create_key(settings, role_key(role))
        password = load_key(settings, role_key(role)).hex()
        await server.execute(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{password}'")


async def _create_database(server: asyncpg.Connection, name: str, roles: tuple[str, ...], strategy: str) -> None:
    kind = f'ENCODING UTF8 LOCALE "C" STRATEGY {strategy}'
    await server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 {kind}')
    may = ", ".join(f'"{role}"' for role in roles)
    await server.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC; GRANT CONNECT ON DATABASE "{name}" TO {may}')


async def _migrate(settings: Settings, name: str, database: Database, turn: asyncio.Semaphore) -> int:
    async with turn:
        connection = await connect(settings, name, role=ADMIN, principal=ADMIN)
        try:
            async with connection.transaction():
                return await _apply_missing(connection, database)
        finally:
            await connection.close()


async def _apply_missing(connection: asyncpg.Connection, database: Database) -> int:
    await connection.execute(_JOURNAL)
    may = ", ".join(f'"{role}"' for role in database.roles)
    await connection.execute(f"REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {may}")
    ran = {(row["package"], row["name"]): row["sha256"] for row in await connection.fetch("SELECT * FROM migration")}
    new = list(_new(_numbered(database), ran))
    for each in new:
        await connection.execute(each.sql.replace(ROLE, f'"{database.roles[0]}"'))
    record = "INSERT INTO migration (package, name, sha256) VALUES ($1, $2, $3)"
    await connection.executemany(record, [(each.package, each.name, each.sha256) for each in new])
    return len(new)


def _new(migrations: Iterator[Migration], ran: dict[tuple[str, str], str]) -> Iterator[Migration]:
    """Those that have not run; raises `Refusal` when one that ran has been edited since."""
    for each in migrations:
        known = ran.get((each.package, each.name))
        if known is None:
            yield each
        elif known != each.sha256:
            raise Refusal(
                "KRN-MIGRATION",
                f"{each.package}/{each.name} was edited after it ran; add a new migration instead",
            )


def _numbered(database: Database) -> Iterator[Migration]:
    for package in database.migrations:
        for path in sorted(files(package).iterdir(), key=lambda path: path.name):
            if path.name.endswith(".sql"):
                sql = path.read_text(encoding="utf-8")
                yield Migration(package, path.name, sql, sha256(sql.encode()).hexdigest())
