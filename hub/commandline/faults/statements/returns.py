"""``hub/returns/queries.sql``: what recipients refused, and what is told anew or to the register because of it."""

from collections.abc import Sequence
from typing import Any

from hub.commandline.faults.statements.hub import HEAD, head_of
from hub.commandline.faults.statements.table import Statements, columns, tuples
from hub.commandline.faults.tables import Row, View
from infra.runtime.queries import load_queries

returns = Statements(load_queries("hub.returns", "queries.sql"))
Texts = Sequence[str]
Counts = Sequence[int]
INSTRUCTIONS = ("block", "recall")


@returns.name("spans")
def spans(view: View, name: str, *spans: Counts) -> Sequence[Row]:
    """The deliveries of each span, as far as they were sent."""
    found = []
    for place, (generation, first, last) in enumerate(tuples(*spans)):
        recipient = view.get("recipient", name, generation)
        most = 0 if recipient is None else min(last, recipient["sending_number"])
        for row in view.rows("delivery", recipient=name, generation=generation):
            if first <= row["number"] <= most:
                told = {part: row[part] for part in ("number", "addressee_number", "sequence")}
                found.append({"place": place, **told, "history_number": row["history_number"] or 0})
    return found


@returns.name("remember_refused")
def remember_refused(view: View, name: str, *given: Sequence[Any]) -> Sequence[Row]:
    """Which of a resident's deliveries the next one stands for."""
    for generation, resident, sequence in tuples(*given):
        row = view.get("recipient_resident", name, generation, resident)
        if row is not None:
            view.change("recipient_resident", row, refused=sorted({*row["refused"], sequence}))
    return ()


@returns.name("forget_refused")
def forget_refused(view: View, name: str, *spans: Counts) -> Sequence[Row]:
    """Of whom everything that was refused is over, by the first span in which that shows."""
    over: dict[tuple[int, str], int] = {}
    for place, (generation, first, last) in enumerate(tuples(*spans)):
        for row in view.rows("delivery", recipient=name, generation=generation):
            known = view.get("recipient_resident", name, generation, row["addressee_number"])
            if first <= row["number"] <= last and known is not None and _ends(row, known["refused"]):
                over.setdefault((generation, row["addressee_number"]), place)
    for generation, resident in over:
        row = view.get("recipient_resident", name, generation, resident) or {}
        view.change("recipient_resident", row, refused=[])
    return [{"place": place, "addressee_number": resident} for (_, resident), place in over.items()]


@returns.name("take_numbers")
def take_numbers(view: View, count: int) -> Sequence[Row]:
    """The last of so many new numbers of messages to the register."""
    head = head_of(view)
    return columns([view.change(HEAD[0], head, register_number=head["register_number"] + count)], "register_number")


@returns.name("keep")
def keep(view: View, numbers: Counts, envelopes: Sequence[bytes]) -> Sequence[Row]:
    """What is to be sent to the register."""
    for number, envelope in tuples(numbers, envelopes):
        view.insert("for_the_register", {"number": number, "envelope": envelope})
    return ()


@returns.name("unsent")
def unsent(view: View, limit: int) -> Sequence[Row]:
    """The next of it."""
    return list(view.rows("for_the_register"))[:limit]


@returns.name("confirmed")
def confirmed(view: View, number: int) -> Sequence[Row]:
    """What the broker has."""
    for row in list(view.rows("for_the_register")):
        if row["number"] <= number:
            view.drop("for_the_register", row)
    return ()


@returns.name("ask_redeliveries")
def ask_redeliveries(view: View, name: str, residents: Texts) -> Sequence[Row]:
    """Who is to be told anew."""
    for resident in residents:
        view.add("redelivery", {"recipient": name, "addressee_number": resident, "asked_at": view.now()})
    return ()


@returns.name("asked_redeliveries")
def asked_redeliveries(view: View, name: str, limit: int) -> Sequence[Row]:
    """The next of them."""
    rows = sorted(view.rows("redelivery", recipient=name), key=lambda row: (row["asked_at"], row["addressee_number"]))
    return columns(rows[:limit], "addressee_number")


@returns.name("any_redelivery")
def any_redelivery(view: View) -> Sequence[Row]:
    """Whose recipients they are."""
    return [{"recipient": name} for name in sorted({row["recipient"] for row in view.rows("redelivery")})]


@returns.name("tell_anew")
def tell_anew(view: View, name: str, generation: int, residents: Texts) -> Sequence[Row]:
    """Those who are still owed something count as not told."""
    rows = [view.get("recipient_resident", name, generation, resident) for resident in residents]
    due = [row for row in rows if row is not None and row["refused"]]
    return columns([view.change("recipient_resident", row, digest=None) for row in due], "addressee_number")


@returns.name("forget_redeliveries")
def forget_redeliveries(view: View, name: str, residents: Texts) -> Sequence[Row]:
    """Who was told anew."""
    for row in list(view.rows("redelivery", recipient=name)):
        if row["addressee_number"] in residents:
            view.drop("redelivery", row)
    return ()


def _ends(delivery: Row, refused: Counts) -> bool:
    """Whether a state was applied that comes after, or stands for, the last that was refused."""
    is_state = delivery["kind"] not in INSTRUCTIONS
    return bool(refused) and is_state and all(delivery["sequence"] >= sequence for sequence in refused)
