"""Taking an entry in: what to raise, what to let go of; all of it the same when done again."""

from dataclasses import dataclass

from hub.watch.access.alert import Alert
from hub.watch.access.memory import Clock, Memory
from hub.watch.access.rules import said_at_once, said_later
from hub.watch.access.sweep import Sweep, sweep
from topics.messages.access import Entry, LookUp, UpTo
from topics.office_days import day_of


@dataclass(frozen=True, slots=True)
class Taken:
    """What follows from an entry: alerts, and once these are said, a sweep."""

    alerts: tuple[Alert, ...]
    sweep: Sweep | None = None


def take(memory: Memory, entry: Entry) -> Taken:
    """Remember the entry, and say what follows."""
    if isinstance(entry, UpTo):
        return _judged(memory, entry)
    memory.remember(entry)
    return Taken(tuple(said_at_once(memory, entry)) if isinstance(entry, LookUp) else ())


def _judged(memory: Memory, entry: UpTo) -> Taken:
    """What is over is judged against everything known since the last clock; then the clock moves."""
    before, now = memory.clock, max(memory.clock, entry.at)
    alerts = tuple(said_later(memory, now))
    memory.remember(Clock(at=now))
    same_day = day_of(now) == day_of(before)
    return Taken(alerts, Sweep((Clock(at=now),)) if same_day else sweep(memory))


def is_stale(memory: Memory, entry: Entry) -> bool:
    """Whether the entry is of a day that is tallied, and not known."""
    known = isinstance(entry, UpTo) or entry.event_id in memory.facts
    return not known and day_of(entry.at) < memory.open_since


def apply(memory: Memory, due: Sweep) -> None:
    """Carry a sweep out on the memory."""
    for fact in due.kept:
        memory.remember(fact)
    memory.forget(due.gone)
