"""The review list for people: masked until somebody answers for having looked, and an outcome for each alert."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import CheckViolationError, InsufficientPrivilegeError
from pydantic_core import from_json

from hub.databases import ANALYSIS_DATABASE
from hub.watch.access.outcomes import NoteCode, Outcome
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.catalogue import DESK

_SQL = load_queries("hub.watch.access", "queries.sql")
REVIEWER_ROLE = "reviewer"


@dataclass(frozen=True, slots=True)
class Listed:
    """One alert on the list: which rule, which days, why in numbers, what came of it; not who, and not about whom."""

    alert: str
    municipality: str
    rule: str
    first_day: date
    last_day: date
    about_a_resident: bool
    lookups: int
    figures: dict[str, float]
    raised_at: datetime
    outcome: str | None
    note_code: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert in full. `subject` is the resident's pseudonym in the log, `lookups` are rows of the register's."""

    alert: str
    municipality: str
    rule: str
    operator: str
    subject: str
    lookups: tuple[UUID, ...]


async def listed(settings: Settings, *, reviewed: bool = False) -> list[Listed]:
    """Alerts of all served municipalities that wait for a review, the oldest first; all of them with `reviewed`."""
    return [one for city in settings.municipalities for one in await _listed(settings, city, reviewed=reviewed)]


async def failed_entries(settings: Settings) -> int:
    """How many entries of the access log were not taken in."""
    total = 0
    for municipality in settings.municipalities:
        connection = await _open(settings, municipality)
        try:
            total += await connection.fetchval(_SQL["count_failed"])
        finally:
            await connection.close()
    return total


async def show(settings: Settings, alert: str, viewer: str) -> Shown:
    """One alert in full; that `viewer` saw it is committed with it. Raises `Refusal`, also to its operator."""
    for municipality in settings.municipalities:
        rows = await _ask(settings, municipality, "show", alert, viewer)
        for row in rows:
            return Shown(alert, municipality, row["rule"], row["operator"], row["subject"], tuple(row["evidence"]))
    raise _unknown()


async def review(settings: Settings, alert: str, outcome: Outcome, reviewer: str, note: NoteCode) -> None:
    """Enter an outcome; the newest holds, earlier ones stay. Raises `Refusal`, also to the alert's operator."""
    for municipality in settings.municipalities:
        rows = await _ask(settings, municipality, "review", alert, outcome.value, reviewer, note.value)
        if rows and rows[0][0] is not None:
            return
    raise _unknown()


async def _listed(settings: Settings, municipality: str, *, reviewed: bool) -> list[Listed]:
    connection = await _open(settings, municipality)
    try:
        rows = await connection.fetch(_SQL["list"], reviewed)
    finally:
        await connection.close()
    return [
        Listed(
            row["alert_id"],
            municipality,
            row["rule"],
            row["first_day"],
            row["last_day"],
            row["about_a_resident"],
            row["lookups"],
            from_json(row["figures"]),
            row["raised_at"],
            row["outcome"],
            row["note_code"],
        )
        for row in rows
    ]


async def _ask(settings: Settings, municipality: str, query: str, *arguments: str) -> list[Any]:
    connection = await _open(settings, municipality)
    try:
        rows: list[Any] = await connection.fetch(_SQL[query], *arguments)
    except InsufficientPrivilegeError:
        raise Refusal("KRN-REVIEW-OWN", "by: an alert is not for the operator whom it concerns") from None
    except CheckViolationError:
        raise Refusal("KRN-REVIEW-ACCOUNT", "by: an account's name, small letters, digits and hyphens") from None
    finally:
        await connection.close()
    return rows


async def _open(settings: Settings, municipality: str) -> Connection:
    name = ANALYSIS_DATABASE.name(settings.environment, municipality)
    return await connect(settings, name, role=REVIEWER_ROLE, principal=DESK)


def _unknown() -> Refusal:
    return Refusal("KRN-REVIEW-ALERT", "alert: there is no such alert; kairan access alerts shows all")
