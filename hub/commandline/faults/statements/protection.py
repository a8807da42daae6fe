"""``hub/protection/queries.sql``: where protections stand, who holds an address, and what was recalled."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hub.commandline.faults.statements.table import Statements, columns, tuples
from hub.commandline.faults.tables import Row, View
from hub.protection.store import PROTECTION_SQL

protection = Statements(PROTECTION_SQL)
STATE = ("addressee_number", "status", "level", "begins_on", "ends_on")


@protection.name("protections")
def protections(view: View, residents: Sequence[str]) -> Sequence[Row]:
    """Where these residents' protections stand."""
    rows = (view.get("protection", resident) for resident in residents)
    return columns([row for row in rows if row is not None], *STATE)


@protection.name("save_protections")
def save_protections(view: View, *given: Sequence[Any]) -> Sequence[Row]:
    """The same, as told now."""
    for values in tuples(*given):
        view.put("protection", dict(zip(STATE, values, strict=True)))
    return ()


@protection.name("disclosed")
def disclosed(view: View, residents: Sequence[str]) -> Sequence[Row]:
    """The entries of what was disclosed of them, but for what is void."""
    rows = [row for row in view.rows("ledger_entry") if row["addressee_number"] in residents]
    told = [row for row in rows if json.loads(row["entry"])["kind"] == "disclose"]
    return columns([row for row in told if not _is_void(view, json.loads(row["entry"]))], "addressee_number", "entry")


@protection.name("save_recalls")
def save_recalls(view: View, *given: Sequence[Any]) -> Sequence[Row]:
    """Who is to give an address back, and until when."""
    names = ("recipient", "generation", "addressee_number", "position", "number", "reach", "hours")
    for values in tuples(*given):
        row = dict(zip(names, values, strict=True))
        hours = row.pop("hours")
        due_at = None if hours is None else view.now() + timedelta(hours=hours)
        view.insert("recall", {**row, "made_at": view.now(), "due_at": due_at, "outcome": None, "settled_at": None})
    return ()


def _is_void(view: View, entry: dict[str, Any]) -> bool:
    void = view.rows("void", recipient=entry.get("recipient"), generation=entry.get("generation"))
    return any(row["first"] <= entry["number"] <= row["last"] for row in void)
