"""Drift (宣言との差): in what the live broker departed from the grants when it was last compared with them."""

import json

from starlette.responses import Response

from hub.pages.accounts import SQL
from hub.pages.cells import Mark, Table, Text
from hub.pages.page import Page
from hub.pages.visit import Visit


async def _show(visit: Visit) -> Response:
    async with visit.desk.sessions.database() as connection:
        row = await connection.fetchrow(SQL["drift"])
    if row is None:
        return visit.answer("drift.html", checked_at=None, table=None)
    departures = json.loads(row["departures"])
    rows = tuple((Mark("departure", "late"), Text(each["kind"]), Text(each["sentence"])) for each in departures)
    table = Table("departures", ("state", "kind", "what"), rows) if rows else None
    return visit.answer("drift.html", checked_at=row["checked_at"], table=table)


PAGE = Page("/drift", "drift", 50, _show)
