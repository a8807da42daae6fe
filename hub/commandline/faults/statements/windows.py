"""``hub/windows/queries.sql``: what waits for the end of its window."""

import json
from collections.abc import Sequence
from typing import Any

from hub.commandline.faults.statements.table import Statements, columns, tuples
from hub.commandline.faults.tables import Row, View
from hub.windows.waiting import WINDOWS_SQL

windows = Statements(WINDOWS_SQL)


@windows.copy("waiting")
def copy_waiting(view: View, row: Row) -> None:
    """A change put aside."""
    view.insert("waiting", {"id": view.identity("waiting"), "decided_at": view.clock(), "rank": None, **row})


@windows.name("last_due")
def last_due(view: View, names: Sequence[str], generations: Sequence[int]) -> Sequence[Row]:
    """The time, and when the last of what waits is due, for each."""
    found = []
    for name, generation in tuples(names, generations):
        waits = [row["due_at"] for row in view.rows("waiting", recipient=name, generation=generation)]
        found.append({"name": name, "moment": view.clock(), "last_due": max(waits, default=None)})
    return found


@windows.name("any_due")
def any_due(view: View) -> Sequence[Row]:
    """Whether there is something to send on."""
    now = view.clock()
    return [{"?column?": any(row["rank"] is not None or row["due_at"] <= now for row in view.rows("waiting"))}]


@windows.name("due")
def due(view: View) -> Sequence[Row]:
    """What is due and of whom nothing is under way."""
    now = view.clock()
    ranked = {_place(row) for row in view.rows("waiting") if row["rank"] is not None}
    rows = [row for row in view.rows("waiting") if row["due_at"] <= now and _place(row) not in ranked]
    told = [row for row in rows if _is_told(view, row)]
    ordered = sorted(told, key=lambda row: (*_place(row), row["id"]))
    return [
        {**{part: row[part] for part in SHOWN}, "retold": json.loads(row["occasion"]).get("kind") == "retold"}
        for row in ordered
    ]


SHOWN = ("recipient", "generation", "id", "addressee_number")


@windows.name("retold")
def retold(view: View, ids: Sequence[int]) -> Sequence[Row]:
    """Who is to be told anew in any case."""
    for id_ in ids:
        row = view.get("waiting", id_)
        if row is not None:
            view.change("waiting", row, occasion='{"kind": "retold"}')
    return ()


@windows.name("rank")
def rank(view: View, ids: Sequence[int], ranks: Sequence[int]) -> Sequence[Row]:
    """The order that was drawn."""
    for id_, place in tuples(ids, ranks):
        row = view.get("waiting", id_)
        if row is not None:
            view.change("waiting", row, rank=place)
    return ()


@windows.name("forget_rows")
def forget_rows(view: View, ids: Sequence[int]) -> Sequence[Row]:
    """What was sent on, or overtaken."""
    for id_ in ids:
        row = view.get("waiting", id_)
        if row is not None:
            view.drop("waiting", row)
    return ()


@windows.name("ranked")
def ranked(view: View) -> Sequence[Row]:
    """Of whom something is under way."""
    places = {_place(row) for row in view.rows("waiting") if row["rank"] is not None}
    return [{"recipient": name, "generation": generation} for name, generation in sorted(places)]


@windows.name("next_ranked")
def next_ranked(view: View, name: str, generation: int, limit: int) -> Sequence[Row]:
    """The next rows in the order drawn."""
    rows = [r for r in view.rows("waiting", recipient=name, generation=generation) if r["rank"] is not None]
    shown = ("id", "addressee_number", "history_number", "state", "record", "occasion")
    return columns(sorted(rows, key=lambda row: int(row["rank"]))[:limit], *shown)


def _place(row: Row) -> tuple[Any, Any]:
    return row["recipient"], row["generation"]


def _is_told(view: View, row: Row) -> bool:
    recipient = view.get("recipient", *_place(row))
    return recipient is not None and recipient["snapshot_after"] is None
