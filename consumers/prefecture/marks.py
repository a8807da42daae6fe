"""Marks (更新禁止・排他) on records of the prefecture: while one stands, an update is refused and goes back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from consumers.kit.connection import recipient_connection
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.messages.inbound import Account, Reason

_SQL = load_queries("consumers.prefecture", "queries.sql")
_ACCOUNT: TypeAdapter[str] = TypeAdapter(Account)
_REASON: TypeAdapter[str] = TypeAdapter(Reason)
PREFECTURE = "prefecture"

Mark = Literal["update-forbidden", "exclusive"]


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark that stands, by whom and why."""

    subject: str
    mark: Mark
    made_by: str
    reason: str
    made_at: datetime


async def put_mark(settings: Settings, municipality: str, subject: str, mark: Mark, *, by: str, reason: str) -> None:
    """From the next update on; raises `Refusal`."""
    _hold(_ACCOUNT, by, "MARK-PERSON", "by: the account of who does it, as officer-1")
    _hold(_REASON, reason, "MARK-REASON", "reason: 1 to 200 characters, no digits: it stays on record")
    async with recipient_connection(settings, _grant(settings), municipality) as connection:
        if await connection.fetchval(_SQL["mark"], municipality, subject, mark, by, reason) is None:
            raise Refusal("MARK-RECORD", "subject: no record is filed under it, or it has a mark already")


async def take_mark_off(settings: Settings, municipality: str, subject: str, *, by: str) -> None:
    """Updates are taken again; what was refused meanwhile has to be sent again. Raises `Refusal`."""
    _hold(_ACCOUNT, by, "MARK-PERSON", "by: the account of who does it, as officer-1")
    async with recipient_connection(settings, _grant(settings), municipality) as connection:
        if await connection.fetchval(_SQL["take_off"], municipality, subject, by) is None:
            raise Refusal("MARK-RECORD", "subject: its record has no mark")


async def marks(settings: Settings, municipality: str) -> list[Marked]:
    """The marks that stand, the oldest first."""
    async with recipient_connection(settings, _grant(settings), municipality) as connection:
        return [Marked(*row) for row in await connection.fetch(_SQL["standing_marks"], municipality)]


def _grant(settings: Settings) -> Grant:
    return declared_by_recipient(settings.grants_directory)[PREFECTURE]


def _hold(kind: TypeAdapter[str], text: str, code: str, sentence: str) -> None:
    try:
        kind.validate_python(text)
    except ValidationError:
        raise Refusal(code, sentence) from None
