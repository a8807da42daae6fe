"""How late the hub is in the law's terms: the oldest change that no recipient's acknowledgement covers yet.

Read from the hub's rows as the role `ops`, which sees counts and times, and of nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.databases import HUB_DATABASE
from hub.watch.streams import LIMIT_SECONDS
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import OPERATIONS
from topics.grant import Grant

SQL = load_queries("hub.watch", "queries.sql")
MOST_TOLD_APART = 10_000
"""Of a longer backlog only the beginning is told apart by kind."""


@dataclass(frozen=True, slots=True)
class Owed:
    """Changes of one sort that one recipient has not acknowledged yet, in one municipality.

    `stage`: `waiting` for the end of a window, where `what` is the reason's code (異動事由), or `decided`, where it is
    the delivery's kind. The limit is ten minutes, or what a grant with a window allows for the wait.
    """

    municipality: str
    recipient: str
    stage: str
    what: str
    changes: int
    oldest_seconds: float
    limit_seconds: float

    @property
    def is_late(self) -> bool:
        """Whether the oldest is older than the limit."""
        return self.oldest_seconds > self.limit_seconds


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient's numbers in one municipality: last given, sent, acknowledged, when, and with which outcome."""

    municipality: str
    recipient: str
    generation: int
    last_number: int
    dispatched: int
    acknowledged: int
    acknowledged_at: datetime | None
    applied: int
    held: int
    parked: int


@dataclass(frozen=True, slots=True)
class LedgerSize:
    """One municipality's ledger: entries, and how many a signed and a witnessed checkpoint cover; and what the hub has
    decided, up to which position, and how many records it could not read."""

    municipality: str
    size: int
    next_position: int
    signed: int | None
    witnessed: int | None
    parked: int


@dataclass(frozen=True, slots=True)
class HubRows:
    """What the hub's databases tell."""

    owed: tuple[Owed, ...]
    told: tuple[Told, ...]
    ledgers: tuple[LedgerSize, ...]


async def read_hub(settings: Settings, grants: Sequence[Grant]) -> HubRows:
    """The rows of every municipality under `grants`; raises `Refusal` when a database is not there."""
    limits = {grant.recipient: 60.0 * grant.limit_minutes() for grant in grants}
    cities = [await _read(settings, city, limits) for city in settings.municipalities]
    return HubRows(
        tuple(each for city in cities for each in city.owed),
        tuple(each for city in cities for each in city.told),
        tuple(each for city in cities for each in city.ledgers),
    )


async def _read(settings: Settings, municipality: str, limits: Mapping[str, float]) -> HubRows:
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=OPERATIONS, principal=OPERATIONS)
    try:
        owed = await connection.fetch(SQL["unacknowledged"], MOST_TOLD_APART)
        told = await connection.fetch(SQL["recipients"])
        (ledger,) = await connection.fetch(SQL["ledger"])
    finally:
        await connection.close()
    return HubRows(
        tuple(_owed(municipality, row, limits) for row in owed),
        tuple(Told(municipality, *row) for row in told),
        (LedgerSize(municipality, **ledger),),
    )


def _owed(municipality: str, row: Any, limits: Mapping[str, float]) -> Owed:
    """A grant out of force keeps the law's limit for what it owes."""
    waits = row["stage"] == "waiting"
    limit = limits.get(row["recipient"], LIMIT_SECONDS) if waits else LIMIT_SECONDS
    return Owed(municipality, limit_seconds=limit, **row)
