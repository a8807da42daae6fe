"""``consumers/kit/queries.sql``: the records that a recipient has set aside, waiting or parked."""

from collections.abc import Iterator, Sequence
from typing import Any

from hub.commandline.faults.statements.table import Statements, columns, tuples
from hub.commandline.faults.tables import Row, View
from infra.runtime.queries import load_queries

aside = Statements(load_queries("consumers.kit", "queries.sql"))
Counts = Sequence[int]
RECORD = ("offset", "sealed_key", "sealed_value", "sealed_headers")
PLACE = ("subject", "sequence", "number", "first_number", "group_count")


@aside.name("set_aside_with")
def set_aside_with(view: View, city: str, generation: int, subjects: Sequence[str], numbers: Counts) -> Sequence[Row]:
    """What waits or is parked and is bound up with these, by resident or by filing."""
    rows = all_set_aside(view, city, generation)
    reached = [row for row in rows if row["subject"] in subjects or row["number"] in numbers]
    due = list(reached)
    while due:
        before = due.pop()
        new = [row for row in rows if row not in reached and _is_bound(row, before)]
        reached += new
        due += new
    return reached


@aside.name("all_set_aside")
def all_set_aside(view: View, city: str, generation: int) -> list[Row]:
    """All of it, but for records of which nobody can say whose they are."""
    held = list(view.rows("held", municipality=city, generation=generation))
    parked = [row for row in view.rows("parked", municipality=city, generation=generation) if row["number"] is not None]
    waits = [{**{part: row[part] for part in (*PLACE, "supersedes")}, "parked": False} for row in held]
    return waits + [{**{part: row[part] for part in PLACE}, "supersedes": [], "parked": True} for row in parked]


@aside.name("hold")
def hold(view: View, city: str, generation: int, topic: str, partition: int, *given: Sequence[Any]) -> Sequence[Row]:
    """What must wait."""
    lane = {"municipality": city, "generation": generation, "topic": topic, "partition": partition}
    names = (*RECORD, "number", "subject", "sequence", "first_number", "group_count", "supersedes")
    for values in tuples(*given):
        row = {**lane, **dict(zip(names, values, strict=True)), "held_at": view.now()}
        view.insert(
            "held", {**row, "supersedes": [int(part) for part in row["supersedes"].strip("{}").split(",") if part]}
        )
    return ()


@aside.name("held_records")
def held_records(view: View, city: str, generation: int, numbers: Counts) -> Sequence[Row]:
    """The records that wait."""
    return columns(_numbered(view, "held", city, generation, numbers), "number", "topic", "partition", *RECORD)


@aside.name("release")
def release(view: View, city: str, generation: int, numbers: Counts) -> Sequence[Row]:
    """What waits no more."""
    for row in list(_numbered(view, "held", city, generation, numbers)):
        view.drop("held", row)
    return ()


@aside.name("park")
def park(view: View, city: str, topic: str, partition: int, *given: Sequence[Any]) -> Sequence[Row]:
    """What cannot be applied."""
    lane = {"municipality": city, "topic": topic, "partition": partition}
    names = (*RECORD, "generation", "number", "subject", "sequence", "first_number", "group_count", "code")
    for values in tuples(*given):
        view.insert("parked", {**lane, **dict(zip(names, values, strict=True)), "parked_at": view.now()})
    return ()


@aside.name("spoil")
def spoil(view: View, city: str, generation: int, numbers: Counts, codes: Sequence[str]) -> Sequence[Row]:
    """What waited turns out to be parked."""
    kept = ("municipality", "topic", "partition", *RECORD, "generation", *PLACE)
    for number, code in tuples(numbers, codes):
        for row in list(_numbered(view, "held", city, generation, [number])):
            view.drop("held", row)
            view.insert("parked", {**{part: row[part] for part in kept}, "code": code, "parked_at": view.now()})
    return ()


@aside.name("unpark")
def unpark(view: View, city: str, generation: int, numbers: Counts) -> Sequence[Row]:
    """What is parked no more."""
    for row in list(_numbered(view, "parked", city, generation, numbers)):
        view.drop("parked", row)
    return ()


@aside.name("parked_from")
def parked_from(view: View, city: str, topic: str, partition: int, offset: int) -> Sequence[Row]:
    """How many records of the lane are parked from an offset on."""
    rows = view.rows("parked", municipality=city, topic=topic, partition=partition)
    return [{"count": sum(row["offset"] >= offset for row in rows)}]


def _numbered(view: View, table: str, city: str, generation: int, numbers: Counts) -> Iterator[Row]:
    rows = view.rows(table, municipality=city, generation=generation)
    return (row for row in rows if row["number"] in numbers)


def _is_bound(row: Row, before: Row) -> bool:
    first, count = before["first_number"], before["group_count"]
    return bool(row["subject"] == before["subject"] or first <= row["number"] < first + count)
