"""Accounts (利用者): a name, one role, and a password of which only an argon2id digest is kept (RFC 9106)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from hub.pages.databases import DESK_DATABASE
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN

SQL = load_queries("hub.pages", "queries.sql")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128
_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash("nobody has this password")
"""Verified where there is no account, so that both take the same time."""


class Role(StrEnum):
    """What a person may do; everybody sees lags and backlogs."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it is listed."""

    name: str
    role: Role
    made_at: datetime
    disabled_at: datetime | None


async def add_account(settings: Settings, name: str, role: Role, password: str) -> None:
    """Make an account; raises `Refusal` when there is one of that name, or the password will not do."""
    _refuse_weak(name, password)
    async with as_administrator(settings) as connection:
        made = await connection.fetchval(SQL["add_account"], name, role.value, _HASHER.hash(password))
    if made is None:
        raise Refusal("KRN-ACCOUNT", f"{name}: there is an account of that name")


async def set_password(settings: Settings, name: str, password: str) -> None:
    """Give an account another password, and enable it again; whoever is logged in with it is logged out."""
    _refuse_weak(name, password)
    async with as_administrator(settings) as connection, connection.transaction():
        if await connection.fetchval(SQL["set_password"], name, _HASHER.hash(password)) is None:
            raise Refusal("KRN-ACCOUNT", f"{name}: there is no account of that name")
        await connection.execute(SQL["end_sessions"], name)


async def disable_account(settings: Settings, name: str) -> None:
    """Let nobody in by this account any more, and log out whoever is."""
    async with as_administrator(settings) as connection, connection.transaction():
        if await connection.fetchval(SQL["disable_account"], name) is None:
            raise Refusal("KRN-ACCOUNT", f"{name}: there is no account of that name")
        await connection.execute(SQL["end_sessions"], name)


async def list_accounts(settings: Settings) -> list[Account]:
    """All accounts."""
    async with as_administrator(settings) as connection:
        rows = await connection.fetch(SQL["list_accounts"])
    return [Account(row["name"], Role(row["role"]), row["made_at"], row["disabled_at"]) for row in rows]


async def is_right(connection: Connection, name: str, password: str) -> bool:
    """Whether this is the password of the enabled account `name`; takes as long where there is none."""
    kept = await connection.fetchval(SQL["password"], name)
    right = await asyncio.to_thread(_verify, kept or _NOBODYS, password[: LONGEST_PASSWORD + 1])
    return right and kept is not None


def _verify(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except VerificationError:
        return False


def _refuse_weak(name: str, password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refusal("KRN-PASSWORD", f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if name in password.lower() or len(set(password)) < SHORTEST_PASSWORD // 2:
        raise Refusal("KRN-PASSWORD", "a password does not hold the account's name, and has six different characters")


@asynccontextmanager
async def as_administrator(settings: Settings) -> AsyncIterator[Connection]:
    """A connection to the pages' database as its owner; raises `Refusal`."""
    name = DESK_DATABASE.name(settings.environment, settings.municipalities[0])
    connection = await connect(settings, name, role=ADMIN, principal=ADMIN)
    try:
        yield connection
    finally:
        await connection.close()
