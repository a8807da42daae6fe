"""Connections to PostgreSQL: TLS with the principal's certificate, one role, one database, bounded transactions."""

import asyncpg

from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from infra.runtime.tls import client_context

Pool = asyncpg.Pool
Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


async def open_pool(settings: Settings, database: str, *, role: str, principal: str) -> Pool:
    """A pool of at most `settings.postgres_connections`; raises `Refusal` when the server refuses or is not there."""
    try:
        return await asyncpg.create_pool(
            host=settings.postgres_host,
            port=settings.postgres_port,
            database=database,
            user=role,
            ssl=client_context(settings, principal),
            min_size=1,
            max_size=settings.postgres_connections,
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
            ssl=client_context(settings, principal),
            server_settings=_server_settings(settings, role),
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise _refusal(database, role, error) from None


def describe(error: BaseException) -> str:
    """An error without its data: class, SQLSTATE and constraint only."""
    parts = (type(error).__name__, getattr(error, "sqlstate", None), getattr(error, "constraint_name", None))
    return " ".join(part for part in parts if part)


def _server_settings(settings: Settings, role: str) -> dict[str, str]:
    limit = f"{settings.transaction_timeout_seconds}s"
    return {"application_name": f"kairan-{role}", "transaction_timeout": limit, "jit": "off"}


def _refusal(database: str, role: str, error: BaseException) -> Refusal:
    return Refusal("KRN-DATABASE", f"cannot open database {database} as role {role}: {describe(error)}")
