"""Connections to PostgreSQL: one role, one database, bounded transactions.

A real server is reached by TLS with the principal's certificate. The embedded server, whose build knows no TLS, is
reached by a Unix socket on the same machine with a random password for each role (SCRAM-SHA-256).
"""

import ssl

import asyncpg

from infra.runtime.keys import load_key
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from infra.runtime.tls import client_context

DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""All that the client raises; the last is what it makes of a server that dies in the midst of an answer."""

Pool = asyncpg.Pool
Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


async def open_pool(
    settings: Settings, database: str, *, role: str, principal: str, connections: int | None = None
) -> Pool:
    """A pool of at most `connections` (else `settings.postgres_connections`); raises `Refusal` when the server refuses
    or is not there."""
    try:
        return await asyncpg.create_pool(
            host=settings.postgres_host,
            port=settings.postgres_port,
            database=database,
            user=role,
            ssl=_tls(settings, principal),
            password=_password(settings, role),
            min_size=1,
            max_size=connections or settings.postgres_connections,
            server_settings=_server_settings(settings, role),
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise _refusal(database, role, error) from None


async def connect(settings: Settings, database: str, *, role: str, principal: str) -> asyncpg.Connection:
    """One connection; raises `Refusal` when the server refuses or is not there."""
    try:
        return await asyncpg.connect(
            host=settings.postgres_host,
            port=settings.postgres_port,
            database=database,
            user=role,
            ssl=_tls(settings, principal),
            password=_password(settings, role),
            server_settings=_server_settings(settings, role),
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise _refusal(database, role, error) from None


def describe(error: BaseException) -> str:
    """An error without its data: class, SQLSTATE and constraint only."""
    parts = (type(error).__name__, getattr(error, "sqlstate", None), getattr(error, "constraint_name", None))
    return " ".join(part for part in parts if part)


def role_key(role: str) -> str:
    """The name of the key that is a role's password."""
    return f"postgres-{role}"


def _tls(settings: Settings, principal: str) -> ssl.SSLContext | bool:
    return client_context(settings, principal) if settings.postgres_tls else False


def _password(settings: Settings, role: str) -> str | None:
    return None if settings.postgres_tls else load_key(settings, role_key(role)).hex()


def _server_settings(settings: Settings, role: str) -> dict[str, str]:
    limit = f"{settings.transaction_timeout_seconds}s"
    return {"application_name": f"kairan-{role}", "transaction_timeout": limit, "jit": "off"}


def _refusal(database: str, role: str, error: BaseException) -> Refusal:
    return Refusal("KRN-DATABASE", f"cannot open database {database} as role {role}: {describe(error)}")
