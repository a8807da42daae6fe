"""Whether everything has arrived everywhere, and what has not; told by counts alone."""

from collections.abc import Iterator

from hub.commandline.faults.tables import Database
from hub.commandline.faults.world import World


def still_to_come(world: World) -> str | None:
    """The first thing that has not arrived, or None."""
    for city, each in world.cities.items():
        for missing in (*_of_hub(world.hub(city), each.register.position), *_of_recipients(world, city)):
            return f"{city}: {missing}"
    return None


def parking(world: World) -> Iterator[str]:
    """The cities where nothing is on its way, and something is parked all the same."""
    for city, each in world.cities.items():
        if not [*_of_hub(world.hub(city), each.register.position)]:
            missing = next(_of_recipients(world, city), "")
            if missing.endswith("parked"):
                yield city


def _of_hub(hub: Database, position: int) -> Iterator[str]:
    (head,) = hub.rows("head")
    if head["next_position"] != position + 1:
        yield f"{position} changes are filed, the hub expects {head['next_position']}"
    if hub.tables["waiting"]:
        yield "something waits for the end of its window"
    if hub.tables["retransmission"]:
        yield "something is to be sent again"
    for table in ("redelivery", "for_the_register"):
        if hub.tables[table]:
            yield f"something is in its {table}"
    for row in hub.rows("recipient"):
        last, reached = row["last_number"], (row["dispatched_number"], row["acknowledged_number"])
        if reached != (last, last):
            yield f"{row['name']}: {last} deliveries are decided, {reached} are sent and acknowledged"


def _of_recipients(world: World, city: str) -> Iterator[str]:
    read = {row["party"]: row["next_number"] for row in world.hub(city).rows("inbox_progress")}
    for grant in world.grants:
        copy = world.copy_of(grant, city)
        for table in ("outbox", "parked", "held", "missing"):
            if any(row["municipality"] == city for row in copy.rows(table)):
                yield f"{grant.recipient}: something is in its {table}"
        for row in copy.rows("inbound_counter"):
            if row["municipality"] == city and read.get(grant.recipient, 1) != row["last"] + 1:
                yield f"{grant.recipient}: {row['last']} messages are told, {read.get(grant.recipient, 1) - 1} are read"
