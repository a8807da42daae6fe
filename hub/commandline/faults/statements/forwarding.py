"""What the prefecture passes on: the outbox to the national role, which the simulated world does not have."""

from collections.abc import Sequence

from hub.commandline.faults.statements.table import Statements, columns, tuples
from hub.commandline.faults.tables import Row, View
from infra.runtime.queries import load_queries

forwarding = Statements(load_queries("consumers.prefecture", "forwarding.sql"))


@forwarding.name("allot")
def allot(view: View, city: str, count: int) -> Sequence[Row]:
    """The last of so many new numbers."""
    known = view.get("forward_counter", city) or {"municipality": city, "last": 0}
    return columns([view.change("forward_counter", known, last=known["last"] + count)], "last")


@forwarding.name("enqueue")
def enqueue(view: View, city: str, numbers: Sequence[int], sealed: Sequence[bytes]) -> Sequence[Row]:
    """What is to be passed on."""
    for number, message in tuples(numbers, sealed):
        view.insert("forward_outbox", {"municipality": city, "number": number, "sealed_message": message})
    return ()
