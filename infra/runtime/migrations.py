"""Forward-only numbered migrations: each ``NNNN_name.sql`` runs once, in order, in one transaction with its record."""

from hashlib import sha256
from importlib.resources import files

import asyncpg

from infra.runtime.databases import Database
from infra.runtime.keys import create_key, load_key
from infra.runtime.postgres import connect, role_key
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

ADMIN = "admin"
ROLE = ':"role"'
"""In a migration that several kinds of database share: the role that its database is for, as psql would write it."""
_JOURNAL = """CREATE TABLE IF NOT EXISTS migration (
    package text, name text, sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (package, name))"""


async def prepare_databases(settings: Settings, databases: tuple[Database, ...]) -> int:
    """Create missing roles and databases and apply missing migrations; returns how many migrations ran.

    Raises `Refusal` when a migration that already ran has been edited since.
    """
    server = await connect(settings, "postgres", role=ADMIN, principal=ADMIN)
    try:
        await _create_roles(server, settings, {role for database in databases for role in database.roles})
        existing = {row["datname"] for row in await server.fetch("SELECT datname FROM pg_database")}
        for database in databases:
            for name in database.names(settings.environment, settings.municipalities):
                if name not in existing:
                    await _create_database(server, name, database.roles)
    finally:
        await server.close()
    return sum([await _migrate_all(settings, database) for database in databases])


async def _create_roles(server: asyncpg.Connection, settings: Settings, roles: set[str]) -> None:
    existing = {row["rolname"] for row in await server.fetch("SELECT rolname FROM pg_roles")}
    for role in sorted(roles - existing):
        create_key(settings, role_key(role))
        password = load_key(settings, role_key(role)).hex()
        await server.execute(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{password}'")


async def _create_database(server: asyncpg.Connection, name: str, roles: tuple[str, ...]) -> None:
    await server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8 LOCALE "C"')
    await server.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
    for role in roles:
        await server.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{role}"')


async def _migrate_all(settings: Settings, database: Database) -> int:
    ran = 0
    for name in database.names(settings.environment, settings.municipalities):
        connection = await connect(settings, name, role=ADMIN, principal=ADMIN)
        try:
            ran += await _migrate(connection, database)
        finally:
            await connection.close()
    return ran


async def _migrate(connection: asyncpg.Connection, database: Database) -> int:
    await connection.execute(_JOURNAL)
    await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for role in database.roles:
        await connection.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
    return sum([await _apply(connection, database, package, name) for package, name in _numbered(database)])


def _numbered(database: Database) -> list[tuple[str, str]]:
    def names(package: str) -> list[str]:
        return sorted(path.name for path in files(package).iterdir() if path.name.endswith(".sql"))

    return [(package, name) for package in database.migrations for name in names(package)]


async def _apply(connection: asyncpg.Connection, database: Database, package: str, name: str) -> int:
    sql = files(package).joinpath(name).read_text(encoding="utf-8")
    digest = sha256(sql.encode()).hexdigest()
    async with connection.transaction():
        known = await connection.fetchval(
            "SELECT sha256 FROM migration WHERE package = $1 AND name = $2", package, name
        )
        if known == digest:
            return 0
        if known is not None:
            raise Refusal("KRN-MIGRATION", f"{package}/{name} was edited after it ran; add a new migration instead")
        await connection.execute(sql.replace(ROLE, f'"{database.roles[0]}"'))
        await connection.execute(
            "INSERT INTO migration (package, name, sha256) VALUES ($1, $2, $3)", package, name, digest
        )
    return 1
