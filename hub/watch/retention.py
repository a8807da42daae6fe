"""How long until what a recipient has not read leaves its topic, told while there is still time to act.

From the hub's rows: a delivery lies on the topic from a moment after it was routed, so what is told is never too long.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asyncpg import InterfaceError, PostgresError

from hub.lane import Lane
from hub.store import SQL
from infra.runtime.log import Logger
from topics.catalogue import RETENTION_DAYS

RETENTION = timedelta(days=RETENTION_DAYS)
ALARM = "HUB-RETENTION"
LOOK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Unread:
    """What one recipient has not acknowledged of what was sent: how much, and since when the oldest lies there."""

    recipient: str
    generation: int
    deliveries: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long a recipient has until the first of its unread deliveries leaves the topic; negative once it may have."""

    recipient: str
    generation: int
    deliveries: int
    left: timedelta
    alarm: str | None
    """The alarm's code, or None while there is time."""


def expiries(
    unread: Iterable[Unread], now: datetime, notice: timedelta, retention: timedelta = RETENTION
) -> list[Expiry]:
    """How long each recipient has; whoever has no more than `notice` gets the alarm."""
    found = []
    for one in unread:
        left = one.since + retention - now
        alarm = ALARM if left <= notice else None
        found.append(Expiry(one.recipient, one.generation, one.deliveries, left, alarm))
    return found


async def read_expiries(lane: Lane) -> list[Expiry]:
    """How long each recipient of a municipality has."""
    unread = [Unread(**dict(row)) for row in await lane.pool.fetch(SQL["unread"])]
    return expiries(unread, datetime.now(UTC), timedelta(hours=lane.settings.retention_alarm_hours))


async def watch_retention(lane: Lane, log: Logger) -> None:
    """Look once a minute, and raise the alarm as long as there is cause; until cancelled."""
    while True:
        try:
            found = await read_expiries(lane)
        except (PostgresError, InterfaceError, OSError) as error:
            log.warning("retention is not watched now", code="HUB-RETRY", municipality=lane.municipality, error=error)
            found = []
        for one in found:
            if one.alarm is not None:
                hours = round(one.left.total_seconds() / 3600, 1)
                where = {"municipality": lane.municipality, "recipient": one.recipient}
                log.error("unread deliveries leave soon", code=one.alarm, hours=hours, count=one.deliveries, **where)
        await asyncio.sleep(LOOK_SECONDS)
