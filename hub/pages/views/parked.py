"""Parked residents (退避): what each recipient has set aside and why, and what waits behind it; retried by operators.

A subject is a pseudonym that differs for each recipient, and only its beginning is shown.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from starlette.responses import RedirectResponse, Response

from hub.pages.accounts import SQL, Role
from hub.pages.cells import Cell, Count, Mark, Moment, Table, Text
from hub.pages.page import Page
from hub.pages.visit import Visit
from hub.pages.words import word
from hub.watch.words import Language
from infra.runtime.refusals import Refusal

PATH, EVERYTHING, LARGEST_OFFSET = "/parked", "all", 2**63
COLUMNS = ("recipient", "municipality", "offset", "code", "class", "subject", "since", "behind", "residents")
RETRY_COLUMNS = ("asked-at", "account", "recipient", "municipality", "offset", "state", "what")

Row = Mapping[str, Any]


async def _show(visit: Visit) -> Response:
    seen = await visit.desk.memory.ask(PATH, lambda: _seen(visit))
    lanes, retries = seen.told
    return visit.answer(
        "parked.html",
        seen=seen,
        lanes=_lanes(lanes),
        table=Table("parked", COLUMNS, tuple(_row(lane, one) for lane in lanes for one in json.loads(lane["records"]))),
        retries=Table("retries", RETRY_COLUMNS, tuple(_retried(row, visit.language) for row in retries)),
        choices=[choice for lane in lanes for choice in _choices(lane)],
        may_retry=visit.session.role is Role.OPERATOR,
        asked="asked" in visit.request.query_params,
    )


async def _retry(visit: Visit) -> Response:
    """Ask for a retry; the process that has the recipients' keys does it, as the command would."""
    if visit.session.role is not Role.OPERATOR:
        raise Refusal("PAGES-ROLE", "retry: only an operator may have parked records tried again")
    recipient, municipality, offset = _chosen(visit.form.get("parked", ""))
    async with visit.desk.sessions.database() as connection:
        asked = (uuid4(), recipient, municipality, offset, visit.session.account)
        if await connection.fetchval(SQL["ask_retry"], *asked) is None:
            raise Refusal("KIT-PARKED-NONE", "parked: this is not, or no longer, on the list")
    return RedirectResponse(f"{PATH}?asked", 303)


def _chosen(text: str) -> tuple[str, str, int | None]:
    """Recipient, municipality and offset of a choice; no offset for everything."""
    recipient, municipality, offset, *more = [*text.split(" "), "", "", ""]
    if any(more) or not text.isprintable() or not (offset == EVERYTHING or (offset.isascii() and offset.isdecimal())):
        raise Refusal("PAGES-CHOICE", "parked: choose one of the list")
    if offset == EVERYTHING:
        return recipient, municipality, None
    if int(offset) >= LARGEST_OFFSET:
        raise Refusal("PAGES-CHOICE", "parked: choose one of the list")
    return recipient, municipality, int(offset)


async def _seen(visit: Visit) -> tuple[Sequence[Row], Sequence[Row]]:
    async with visit.desk.sessions.database() as connection:
        lanes, retries = await connection.fetch(SQL["parked"]), await connection.fetch(SQL["retries"])
    return [dict(row) for row in lanes], [dict(row) for row in retries]


def _lanes(lanes: Sequence[Row]) -> Table:
    """When each recipient was last looked at."""
    columns = ("recipient", "municipality", "rejected", "seen-at", "state")
    return Table("lanes", columns, tuple(_lane(lane) for lane in lanes))


def _lane(lane: Row) -> tuple[Cell, ...]:
    found = len(json.loads(lane["records"]))
    mark = Mark("some-parked", "behind") if found else Mark("none-parked", "ok")
    state = Mark("not-looked-at", "blind") if lane["failure"] else mark
    return Text(lane["recipient"]), Text(lane["municipality"]), Count(found), Moment(lane["seen_at"]), state


def _row(lane: Row, one: Row) -> tuple[Cell, ...]:
    return (
        Text(lane["recipient"]),
        Text(lane["municipality"]),
        Count(one["offset"]),
        Text(one["code"]),
        Mark(f"failure-class-{one['failure']}", "behind" if one["failure"] == "poison" else "late"),
        Text(f"{one['subject']}…" if one["subject"] else "–"),
        Moment(datetime.fromisoformat(one["since"])),
        Count(one["behind"]),
        Count(one["residents"]),
    )


def _choices(lane: Row) -> list[tuple[str, str]]:
    """What may be chosen in this lane: the value, and the offset that is shown, empty for everything."""
    place = f"{lane['recipient']} {lane['municipality']}"
    offsets = [str(one["offset"]) for one in json.loads(lane["records"])]
    everything = [(f"{place} {EVERYTHING}", "")] if offsets else []
    return everything + [(f"{place} {each}", each) for each in offsets]


def _retried(row: Row, language: Language) -> tuple[Cell, ...]:
    result = json.loads(row["result"] or "null") or {}
    told = {"applied": result.get("applied", 0), "held": result.get("held", 0)}
    parked = sum(result.get("parked", {}).values())
    came = word("retry-came-to", language, **told, parked=parked) if result else row["failure"] or "–"
    done = Mark("retry-done", "ok") if not row["failure"] else Mark("retry-refused", "stopped")
    return (
        Moment(row["asked_at"]),
        Text(row["operator"]),
        Text(row["recipient"]),
        Text(row["municipality"]),
        Text(word("everything", language)) if row["offset"] is None else Count(row["offset"]),
        done if row["done_at"] else Mark("retry-waits", "behind"),
        Text(came),
    )


PAGE = Page(PATH, "parked", 25, _show, forms={"retry": _retry})
