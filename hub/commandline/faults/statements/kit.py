"""``consumers/kit/queries.sql``: a recipient's progress, gates and protections, and what it sends back."""

from collections.abc import Sequence
from datetime import timedelta

from hub.commandline.faults.statements.table import Statements, columns, tuples
from hub.commandline.faults.tables import Row, View
from infra.runtime.queries import load_queries

kit = Statements(load_queries("consumers.kit", "queries.sql"))
Texts = Sequence[str]
Counts = Sequence[int]


@kit.name("open_lane")
def open_lane(view: View, topic: str, partition: int, offset: int, city: str, generation: int) -> Sequence[Row]:
    """The rows of a lane, as far as they are not there."""
    view.add("progress", {"topic": topic, "partition": partition, "next_offset": offset})
    view.add("number_gate", {"municipality": city, "generation": generation, "next_number": 1})
    view.add("inbound_counter", {"municipality": city, "last": 0})
    view.add("tally", {"municipality": city, "applied": 0, "duplicates": 0})
    return ()


@kit.name("stored_offset")
def stored_offset(view: View, topic: str, partition: int) -> Sequence[Row]:
    """The first offset not settled."""
    row = view.get("progress", topic, partition)
    return [] if row is None else columns([row], "next_offset")


@kit.name("lock_offset")
def lock_offset(view: View, topic: str, partition: int) -> Sequence[Row]:
    """The same, held until the end."""
    view.lock("progress", topic, partition)
    return stored_offset(view, topic, partition)


@kit.name("next_number")
def next_number(view: View, city: str, generation: int) -> Sequence[Row]:
    """One more than the highest delivery number seen."""
    return columns(view.rows("number_gate", municipality=city, generation=generation), "next_number")


@kit.name("receive")
def receive(view: View, city: str, generation: int, numbers: Counts, digests: Sequence[bytes]) -> Sequence[Row]:
    """Remember envelopes; the answer is what stood already."""
    known = received(view, city, generation, numbers)
    for number, digest in tuples(numbers, digests):
        place = {"municipality": city, "generation": generation, "number": number}
        view.add("received", {**place, "digest": digest})
    return known


@kit.name("received")
def received(view: View, city: str, generation: int, numbers: Counts) -> Sequence[Row]:
    """The envelopes of these numbers."""
    rows = (view.get("received", city, generation, number) for number in numbers)
    return columns([row for row in rows if row is not None], "number", "digest")


@kit.name("subject_gates")
def subject_gates(view: View, city: str, subjects: Texts) -> Sequence[Row]:
    """The last applied sequences."""
    rows = (view.get("subject_gate", city, subject) for subject in subjects)
    return columns([row for row in rows if row is not None], "subject", "sequence")


@kit.name("set_subject_gates")
def set_subject_gates(view: View, city: str, subjects: Texts, sequences: Counts) -> Sequence[Row]:
    """The same, moved on."""
    for subject, sequence in tuples(subjects, sequences):
        view.put("subject_gate", {"municipality": city, "subject": subject, "sequence": sequence})
    return ()


@kit.name("miss")
def miss(view: View, city: str, generation: int, numbers: Counts) -> Sequence[Row]:
    """What never arrived."""
    for number in numbers:
        place = {"municipality": city, "generation": generation, "number": number}
        view.add("missing", {**place, "asks": 1, "asked_at": view.now()})
    return ()


@kit.name("find")
def find(view: View, city: str, generation: int, numbers: Counts) -> Sequence[Row]:
    """What arrived after all."""
    for number in numbers:
        row = view.get("missing", city, generation, number)
        if row is not None:
            view.drop("missing", row)
    return ()


@kit.name("ask_again")
def ask_again(view: View, city: str, generation: int, first: float, longest: float) -> Sequence[Row]:
    """What is to be asked for once more; the pause doubles."""
    due = []
    for row in list(view.rows("missing", municipality=city, generation=generation)):
        pause = min(first * 2 ** (min(row["asks"], 20) - 1), longest)
        if row["asked_at"] + timedelta(seconds=pause) <= view.now():
            due.append(view.change("missing", row, asks=row["asks"] + 1, asked_at=view.now()))
    return columns(due, "number")


@kit.name("advance")
def advance(
    view: View, topic: str, partition: int, city: str, generation: int,
    number: int, applied: int, duplicates: int, offset: int,
) -> Sequence[Row]:  # fmt: skip
    """Progress, number gate and tally, moved on."""
    gate, tally = view.get("number_gate", city, generation), view.get("tally", city)
    progress = view.get("progress", topic, partition)
    if gate is not None:
        view.change("number_gate", gate, next_number=number)
    if tally is not None:
        counted = {"applied": tally["applied"] + applied, "duplicates": tally["duplicates"] + duplicates}
        view.change("tally", tally, **counted)
    if progress is not None:
        view.change("progress", progress, next_offset=offset)
    return ()


@kit.name("allot")
def allot(view: View, city: str, count: int) -> Sequence[Row]:
    """The last of so many new message numbers."""
    known = view.get("inbound_counter", city) or {"municipality": city, "last": 0}
    return columns([view.change("inbound_counter", known, last=known["last"] + count)], "last")


@kit.name("enqueue")
def enqueue(view: View, city: str, context: str | None, *given: Sequence[object]) -> Sequence[Row]:
    """What is to be sent to the hub."""
    for values in tuples(*given):
        row = dict(zip(("number", "message", "sealed_message"), values, strict=True))
        view.insert("outbox", {"municipality": city, "traceparent": context, **row})
    return ()


@kit.name("unsent")
def unsent(view: View, city: str, limit: int) -> Sequence[Row]:
    """The next messages."""
    rows = list(view.rows("outbox", municipality=city))[:limit]
    return columns(rows, "number", "message", "sealed_message", "traceparent")


@kit.name("confirmed")
def confirmed(view: View, city: str, number: int) -> Sequence[Row]:
    """What the broker has."""
    for row in list(view.rows("outbox", municipality=city)):
        if row["number"] <= number:
            view.drop("outbox", row)
    return ()


@kit.name("earlier_generation")
def earlier_generation(view: View, city: str, generation: int) -> Sequence[Row]:
    """Whether an earlier grant has left something."""
    return [{"exists": any(row["generation"] < generation for row in view.rows("number_gate", municipality=city))}]


@kit.name("not_applied")
def not_applied(view: View, city: str, generation: int, numbers: Counts) -> Sequence[Row]:
    """Which of these are missing, and which are given up."""
    absent = [(view.get("missing", city, generation, number), False) for number in numbers]
    resigned = [(view.get("given_up", city, generation, number), True) for number in numbers]
    return [{"number": row["number"], "given_up": over} for row, over in (*absent, *resigned) if row is not None]


@kit.name("give_up")
def give_up(view: View, city: str, generation: int, numbers: Counts) -> Sequence[Row]:
    """What will never be applied."""
    for number in numbers:
        place = {"municipality": city, "generation": generation, "number": number}
        view.insert("given_up", {**place, "given_up_at": view.now()})
    return ()


@kit.name("keep_protections")
def keep_protections(view: View, city: str, *given: Sequence[object]) -> Sequence[Row]:
    """What was told last of these subjects' protections."""
    names = ("subject", "sequence", "blocked", "status", "level", "begins_on", "ends_on")
    for values in tuples(*given):
        view.put("protection", {"municipality": city, **dict(zip(names, values, strict=True))})
    return ()


@kit.name("forget_protections")
def forget_protections(view: View, city: str, subjects: Texts) -> Sequence[Row]:
    """Of these nothing is kept."""
    for row in list(view.rows("protection", municipality=city)):
        if row["subject"] in subjects:
            view.drop("protection", row)
    return ()
