"""The work list (処理待ち一覧): what it shows holds no name, no address and no number of anybody."""

import re
from dataclasses import dataclass
from datetime import datetime

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.connection import register_connection
from producers.register.inbox.work import REFUSED_DELIVERY

_SQL = load_queries("producers.register.inbox", "queries.sql")
_ACCOUNT = re.compile(r"[a-z][a-z0-9-]{0,60}")


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as it is shown; `history_number` is that of the change, whoever's it is."""

    id: int
    party: str
    kind: str
    code: str
    history_number: int | None
    received_at: datetime
    resent_by: str | None
    resent_at: datetime | None
    state: str
    settled_by: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an entry is about, for whoever carries it further; never shown."""

    party: str
    addressee_number: str


async def entries(settings: Settings, municipality: str, *, settled: bool = False) -> list[Listed]:
    """The open entries in the order they came, the settled ones too if asked for; raises `Refusal`."""
    async with register_connection(settings, municipality) as connection:
        return [Listed(**row) for row in await connection.fetch(_SQL["entries"], settled)]


async def entry(settings: Settings, municipality: str, number: int) -> Listed:
    """One entry; raises `Refusal` when there is none."""
    async with register_connection(settings, municipality) as connection:
        row = await connection.fetchrow(_SQL["entry"], number)
    if row is None:
        raise _unknown(number)
    return Listed(**row)


async def settle(settings: Settings, municipality: str, number: int, by: str) -> None:
    """Settle an open entry by hand; raises `Refusal`."""
    check_account(by)
    async with register_connection(settings, municipality) as connection:
        await _open_subject(connection, number)
        await connection.execute(_SQL["settle"], number, by)


async def refused_subject(settings: Settings, municipality: str, number: int, by: str) -> Subject:
    """Whom an open entry is about that a recipient's refusal made; raises `Refusal` for any other."""
    check_account(by)
    async with register_connection(settings, municipality) as connection:
        row = await _open_subject(connection, number)
    if row["kind"] != REFUSED_DELIVERY:
        raise Refusal("WORKLIST-KIND", f"entry {number} is no refused delivery; see to it and settle it")
    return Subject(row["party"], row["addressee_number"])


async def mark_resent(settings: Settings, municipality: str, number: int, by: str) -> None:
    """Say on the entry that it was sent again; raises `Refusal`."""
    async with register_connection(settings, municipality) as connection:
        await connection.execute(_SQL["resent"], number, by)


async def _open_subject(connection: Connection, number: int) -> dict[str, str]:
    row = await connection.fetchrow(_SQL["subject"], number)
    if row is None:
        raise _unknown(number)
    if row["state"] != "open":
        raise Refusal("WORKLIST-SETTLED", f"entry {number} is settled already")
    return dict(row)


def check_account(by: str) -> None:
    """Raises `Refusal` for what is no account of a person."""
    if not _ACCOUNT.fullmatch(by):
        raise Refusal("WORKLIST-PERSON", "by: the account of who does it, as clerk-1; never a name as written")


def _unknown(number: int) -> Refusal:
    return Refusal("WORKLIST-UNKNOWN", f"there is no entry {number}; kairan worklist list shows them")
