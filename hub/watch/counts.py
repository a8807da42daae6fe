"""How far each recipient is, from the hub's rows."""

from dataclasses import dataclass

from hub.databases import HUB_DATABASE
from hub.store import SQL
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from topics.catalogue import HUB


@dataclass(frozen=True, slots=True)
class Counts:
    """One recipient's numbers in one municipality: last given, last dispatched, last acknowledged, outcomes told;
    how many changes wait for the end of a window, and how many residents' present state was asked for."""

    last_number: int
    dispatched: int
    acknowledged: int
    applied: int
    held: int
    parked: int
    waiting: int
    redeliveries: int


@dataclass(frozen=True, slots=True)
class HubStanding:
    """Where the hub stands in one municipality: next position to route, next message of each party, recipients, and the
    last message for the register."""

    next_position: int
    next_messages: dict[str, int]
    recipients: dict[str, Counts]
    last_for_register: int


async def hub_standing(settings: Settings, municipality: str) -> HubStanding:
    """Read as the role `hub`; raises `Refusal` when the database is not there."""
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=HUB, principal=HUB)
    try:
        (head,) = await connection.fetch(SQL["position"])
        messages = {row["party"]: row["next_number"] for row in await connection.fetch(SQL["messages"])}
        rows = await connection.fetch(SQL["standing"])
    finally:
        await connection.close()
    recipients = {row["name"]: Counts(*tuple(row)[1:]) for row in rows}
    return HubStanding(head["next_position"], messages, recipients, head["register_number"])
