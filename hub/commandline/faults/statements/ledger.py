"""The ledger's part of ``hub/queries.sql``."""

from collections.abc import Sequence
from datetime import datetime

from hub.commandline.faults.statements.table import Statements, columns, tuples
from hub.commandline.faults.tables import Row, View
from hub.store import SQL

ledger = Statements(SQL)


@ledger.name("ledger_head")
def ledger_head(view: View) -> Sequence[Row]:
    """How many entries there are, and when the last was entered."""
    return [{"size": head["ledger_size"], "time": head["ledger_time"]} for head in view.rows("head")]


@ledger.name("advance_ledger")
def advance_ledger(view: View, size: int, time: datetime) -> Sequence[Row]:
    """The same, moved on."""
    for head in list(view.rows("head")):
        view.change("head", head, ledger_size=size, ledger_time=time)
    return ()


@ledger.name("entered")
def entered(view: View) -> Sequence[Row]:
    """Grants and keys as they were entered last."""
    return columns(view.rows("ledger_standing"), "kind", "name", "digest")


@ledger.name("save_entered")
def save_entered(view: View, kinds: Sequence[str], names: Sequence[str], digests: Sequence[bytes]) -> Sequence[Row]:
    """The same, as they are entered now."""
    for kind, name, digest in tuples(kinds, names, digests):
        view.put("ledger_standing", {"kind": kind, "name": name, "digest": digest})
    return ()


@ledger.copy("ledger_entry")
def copy_entry(view: View, row: Row) -> None:
    """An entry at its index."""
    view.insert("ledger_entry", row)
