"""Which notice holds of each person who left, and of whom none has come (転入通知の未着一覧)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from producers.register.findings import Rule
from producers.register.inbox.work import Noticed
from producers.register.registrar import Outcomes
from topics.catalogue import REGISTER
from topics.reasons import reasons

_SQL = load_queries("producers.register.inbox", "queries.sql")
NOTHING_NEW = Rule.NOTHING_CHANGES.value
"""What the register answers to a notice that says what an earlier one said: it came again, and that is all."""
_LEFT = frozenset({"domestic-move-out", "ex-officio-removal"})


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who left for a domestic municipality, named by the filing that removed her and her place in it."""

    filing: str
    member: int
    municipality: str
    removed_on: date
    noticed_on: date | None
    received_at: datetime | None


async def save_notices(connection: Connection, notices: Sequence[Noticed], outcomes: Outcomes) -> None:
    """Remember the notices whose filing stands, or was not needed."""
    kept = [each for each in notices if outcomes[each.filing_id].code in (None, NOTHING_NEW)]
    newest = {each.addressee_number: each for each in sorted(kept, key=_order)}.values()
    if newest:
        columns = ("addressee_number", "party", "party_number", "moved_in_on", "noticed_on", "received_at")
        await connection.execute(_SQL["save_notices"], *([getattr(n, name) for n in newest] for name in columns))


async def leavers(settings: Settings, municipality: str, today: date, *, missing: bool) -> list[Left]:
    """Who left, the earliest first; `missing`: only those of whom no notice came in time. Raises `Refusal`."""
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    codes = [reason.code for reason in reasons() if reason.name in _LEFT]
    due = today - timedelta(days=settings.notice_due_days)
    connection = await connect(settings, name, role=REGISTER, principal=REGISTER)
    try:
        return [Left(**row) for row in await connection.fetch(_SQL["leavers"], codes, missing, due)]
    finally:
        await connection.close()


def _order(notice: Noticed) -> tuple[date, str, int]:
    return notice.noticed_on, notice.party, notice.party_number
