"""The log of provisions (情報提供等記録) as its reader may see it: no person, no code, no contents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consumers.intermediate.inquiries.lane import SQL
from consumers.kit.connection import rows_of
from infra.runtime.settings import Settings
from topics.institutions import INTERMEDIATE


@dataclass(frozen=True, slots=True)
class Logged:
    """One inquiry and what came of it."""

    decided_at: datetime
    municipality: str
    institution: str
    inquiry_id: str | None
    purpose: str | None
    items: tuple[int, ...]
    outcome: str
    code: str


async def read_log(settings: Settings, last: int) -> list[Logged]:
    """The `last` entries, the newest first; raises `Refusal` when a database is not there."""
    found = [_logged(row) for row in await rows_of(settings, INTERMEDIATE, SQL["log"], last)]
    return sorted(found, key=lambda each: each.decided_at, reverse=True)[:last]


def _logged(row: Any) -> Logged:
    columns = {**row, "items": tuple(row["items"] or ())}
    return Logged(**columns)
