"""The access log's review list (アクセス記録の点検): alerts without operators and residents; whoever opens one answers
for it, and enters an outcome."""

import re

from starlette.responses import RedirectResponse, Response

from hub.pages.access import AccessEntry, record_access, subject_cipher
from hub.pages.accounts import Role
from hub.pages.cells import Cell, Count, Mark, Moment, Reference, Table, Text
from hub.pages.page import Page
from hub.pages.remembered import Remembered
from hub.pages.visit import Visit
from hub.pages.words import word
from hub.watch.access.outcomes import NoteCode, Outcome
from hub.watch.access.review import Listed, Shown, failed_entries, listed, review, show
from hub.watch.words import Language
from infra.runtime.refusals import Refusal

PATH = "/review"
ALERT = re.compile(r"[0-9a-f]{16}")
COLUMNS = ("alert", "rule", "what", "municipality", "window", "look-ups", "why", "raised-at", "state")
SHOWN_OF_A_SUBJECT = 8
STATES = {None: "behind", "justified": "ok", "misuse": "late", "unclear": "behind"}

Seen = Remembered[tuple[list[Listed], int]]


async def _show(visit: Visit) -> Response:
    return await _answer(visit)


async def _open(visit: Visit) -> Response:
    """One alert with its operator; that is a row of the access log, and of the list's own, before it is shown."""
    alert, settings = _alert(visit), visit.desk.settings
    purpose, case = visit.form.get("purpose", ""), visit.form.get("case", "")
    entry = AccessEntry("alert", visit.session.account, purpose, case, subject_cipher(settings))
    async with visit.desk.sessions.database() as connection, connection.transaction():
        await record_access(connection, entry)
    return await _answer(visit, await show(settings, alert, visit.session.account))


async def _enter(visit: Visit) -> Response:
    """Enter what a review came to, as ``kairan access review`` does: never by the operator concerned."""
    outcome, note = visit.form.get("outcome", ""), visit.form.get("note", "")
    if outcome not in set(Outcome) or note not in set(NoteCode):
        raise Refusal("PAGES-CHOICE", "outcome, note: choose one of the list")
    await review(visit.desk.settings, _alert(visit), Outcome(outcome), visit.session.account, NoteCode(note))
    return RedirectResponse(f"{PATH}?entered", 303)


def _alert(visit: Visit) -> str:
    alert = visit.form.get("alert", "")
    if not ALERT.fullmatch(alert):
        raise Refusal("PAGES-CHOICE", "alert: choose one of the list")
    return alert


async def _answer(visit: Visit, opened: Shown | None = None) -> Response:
    every = "all" in visit.request.query_params
    seen: Seen = await visit.desk.memory.ask(f"{PATH}?{every}", lambda: _seen(visit, every=every))
    alerts, failed = seen.told
    return visit.answer(
        "review.html",
        seen=seen,
        every=every,
        failed_entries=failed,
        table=Table("alerts", COLUMNS, tuple(_row(one, visit.language) for one in alerts)),
        alerts=alerts,
        opened=opened,
        details=_details(opened, visit.language) if opened else None,
        outcomes=tuple(Outcome),
        notes=tuple(NoteCode),
        entered="entered" in visit.request.query_params,
    )


async def _seen(visit: Visit, *, every: bool) -> tuple[list[Listed], int]:
    return await listed(visit.desk.settings, reviewed=every), await failed_entries(visit.desk.settings)


def _row(one: Listed, language: Language) -> tuple[Cell, ...]:
    why = ", ".join(f"{name} {value:.3g}" for name, value in one.figures.items())
    return (
        Reference(one.alert),
        Text(one.rule),
        Text(word(f"rule-{one.rule}", language)),
        Text(one.municipality),
        Text(str(one.first_day) if one.first_day == one.last_day else f"{one.first_day} – {one.last_day}"),
        Count(one.lookups),
        Text(why or "–"),
        Moment(one.raised_at),
        Mark(f"outcome-{one.outcome or 'waits'}", STATES[one.outcome]),
    )


def _details(opened: Shown, language: Language) -> Table:
    """The opened alert: whom it concerns, and the look-ups by their ids in the register's access log."""
    subject = f"{opened.subject[:SHOWN_OF_A_SUBJECT]}…" if opened.subject else "–"
    about = (_operator(opened, language), Text(word(f"rule-{opened.rule}", language)), Text(subject))
    return Table("alert-opened", ("operator", "rule", "subject", "look-ups"), ((*about, Count(len(opened.lookups))),))


def _operator(opened: Shown, language: Language) -> Text:
    """The account; one that looks like a person's number is not shown, and is found by the look-ups."""
    try:
        return Text(opened.operator)
    except ValueError:
        return Text(word("not-shown", language))


PAGE = Page(PATH, "review", 45, _show, frozenset({Role.REVIEWER, Role.AUDITOR}), forms={"open": _open, "enter": _enter})
