"""Taking an entry in: what to keep, what to let go of, what to raise; all of it the same when done again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.watch.access.alert import Alert
from hub.watch.access.memory import BEGINNING, Memory
from hub.watch.access.rules import said_at_once, said_later
from hub.watch.access.sweep import Sweep, sweep
from topics.messages.access import Entry, LookUp
from topics.office_days import day_of

SILENCE = timedelta(days=3)
"""How far beyond the last entry time is believed to have gone on without any: what is not here yet is not missing."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What follows from an entry; `sweep` on the first one of a day."""

    alerts: tuple[Alert, ...]
    sweep: Sweep | None = None


def take(memory: Memory, entry: Entry) -> Taken:
    """Remember the entry, and say what follows."""
    before = memory.clock
    memory.remember(entry)
    alerts = said_at_once(memory, entry) if isinstance(entry, LookUp) else []
    if day_of(memory.clock) == day_of(before):
        return Taken(tuple(alerts))
    later = said_later(memory, memory.clock)
    return Taken((*alerts, *later), sweep(memory))


def look_back(memory: Memory, now: datetime) -> list[Alert]:
    """What is over by `now`, or shortly after the last entry."""
    if memory.clock == BEGINNING:
        return []
    return said_later(memory, min(now, memory.clock + SILENCE))


def apply(memory: Memory, due: Sweep) -> None:
    """Carry a sweep out on the memory."""
    for tally in due.tallies:
        memory.remember(tally)
    memory.forget(due.gone)
