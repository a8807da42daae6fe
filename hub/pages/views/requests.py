"""Requests for grants (申請の審査): what is asked for against what is in force, what it would change, and a second
person's decision."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from starlette.responses import RedirectResponse, Response

from hub.pages.accounts import SQL, Role
from hub.pages.cells import Cell, Mark, Moment, Table, Text
from hub.pages.desk import Change
from hub.pages.page import Page
from hub.pages.remembered import Remembered
from hub.pages.views.grants import REPLAYERS, items_of, refuse_others, replayed
from hub.pages.visit import Visit
from hub.pages.words import word
from hub.watch.words import Language
from infra.runtime.refusals import Refusal
from topics.declared import declared_by_recipient, requested_grants
from topics.grant import Grant
from topics.obstacles import Code
from topics.trail import fingerprint

PATH = "/requests"
DECISIONS = ("approved", "refused")
Row = Mapping[str, Any]
Seen = Remembered[Sequence[Row]]


async def _show(visit: Visit) -> Response:
    return await _answer(visit)


async def _preview(visit: Visit) -> Response:
    """What would change if the request were approved; the register is replayed for it, which is logged first."""
    refuse_others(visit)
    grant = _chosen(visit)
    return await _answer(visit, previewed=grant.recipient, change=await replayed(visit, grant))


async def _decide(visit: Visit) -> Response:
    """Leave the decision of whoever is logged in, on the request as it was seen; it is carried out in a moment."""
    if visit.session.role is not Role.REVIEWER:
        raise Refusal("PAGES-ROLE", "review: only a reviewer may decide on a request")
    grant, decision, by = _chosen(visit), visit.form.get("decision", ""), visit.session.account
    if decision not in DECISIONS:
        raise Refusal("PAGES-CHOICE", "decision: choose one of the list")
    if grant.request.requester == by:
        raise Refusal(Code.OWN_REVIEW, "the requester may not decide; have somebody else review it")
    row = (uuid4(), grant.recipient, fingerprint(grant), grant.request.requester, by, decision)
    async with visit.desk.sessions.database() as connection:
        if await connection.fetchval(SQL["ask_decision"], *row) is None:
            raise Refusal("PAGES-DECIDED", "request: somebody has decided on it; look again in a moment")
    return RedirectResponse(f"{PATH}?asked", 303)


def _chosen(visit: Visit) -> Grant:
    """The request that was seen, by its fingerprint; raises `Refusal` when it waits no more, or is another now."""
    chosen = visit.form.get("request", "")
    for grant in _waiting(visit):
        if fingerprint(grant) == chosen:
            return grant
    raise Refusal("PAGES-REQUEST", "request: it waits no more, or was handed in anew; look at it again")


def _waiting(visit: Visit) -> list[Grant]:
    return [grant for grant in requested_grants(visit.desk.settings.grants_directory) if grant.review is None]


async def _answer(visit: Visit, previewed: str = "", change: Change | None = None) -> Response:
    present, waiting = declared_by_recipient(visit.desk.settings.grants_directory), _waiting(visit)
    seen: Seen = await visit.desk.memory.ask(PATH, lambda: _decisions(visit))
    columns = ("recipient", "title", "asked-by", "received", "valid", "wider-in")
    before = {grant.recipient: present.get(grant.recipient) for grant in waiting}
    rows = tuple(_row(grant, before[grant.recipient]) for grant in waiting)
    told = tuple(_decided(row, visit.language) for row in seen.told)
    shown = ("asked-at", "recipient", "asked-by", "decided-by", "decision", "state")
    return visit.answer(
        "requests.html",
        seen=seen,
        table=Table("requests", columns, rows) if rows else None,
        items={grant.recipient: items_of(grant, before[grant.recipient], visit.language) for grant in waiting},
        requests=[(fingerprint(grant), grant.recipient, grant.request.requester) for grant in waiting],
        decisions=Table("decisions", shown, told) if told else None,
        choices=DECISIONS,
        previewed=previewed,
        change=change,
        may_replay=visit.session.role in REPLAYERS,
        may_decide=visit.session.role is Role.REVIEWER,
        asked="asked" in visit.request.query_params,
    )


def _row(grant: Grant, present: Grant | None) -> tuple[Cell, ...]:
    review = present.review if present else None
    wider = grant.beyond(review.scope) if review else ()
    return (
        Text(grant.recipient),
        Text(grant.title),
        Text(grant.request.requester),
        Text(str(grant.request.received_on)),
        Text(f"{grant.valid_from} – {grant.valid_to}"),
        Text("; ".join(wider)) if wider else Mark("grant-is-new", "late"),
    )


async def _decisions(visit: Visit) -> Sequence[Row]:
    async with visit.desk.sessions.database() as connection:
        return [dict(row) for row in await connection.fetch(SQL["decisions"])]


def _decided(row: Row, language: Language) -> tuple[Cell, ...]:
    done = Mark("decision-done", "ok") if not row["failure"] else Mark("decision-not-done", "stopped")
    return (
        Moment(row["asked_at"]),
        Text(row["recipient"]),
        Text(row["requester"]),
        Text(row["reviewer"]),
        Text(f"{word('decision-' + row['decision'], language)} {row['failure']}".strip()),
        done if row["done_at"] else Mark("decision-waits", "behind"),
    )


PAGE = Page(PATH, "requests", 32, _show, forms={"preview": _preview, "decide": _decide})
