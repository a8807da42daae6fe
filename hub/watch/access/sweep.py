"""Sweeping: days that are over become tallies, and what no rule will ask for any more is let go of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from hub.watch.access.memory import HANDLING_DAYS, KEPT_DAYS, Clock, Memory, Tally, is_explained
from topics.messages.access import Handling, LookUp, Question
from topics.office_days import day_of


@dataclass(frozen=True, slots=True)
class Sweep:
    """What to write and then what to delete, in this order: a look-up goes before the filing that explains it."""

    kept: tuple[Tally | Clock, ...]
    gone: tuple[UUID, ...] = ()


def sweep(memory: Memory) -> Sweep:
    """What is due by the memory's clock; nothing is altered."""
    today = day_of(memory.clock)
    over = memory.open_since
    tallies = tuple(memory.tally(*key) for key in sorted(memory.days) if key[1] < over and not _stored(memory, *key))
    return Sweep((Clock(at=memory.clock), *tallies), (*_lookups(memory, over, today), *_others(memory, today)))


def _stored(memory: Memory, operator: str, day: date) -> bool:
    return day in memory.tallies.get(operator, {})


def _lookups(memory: Memory, over: date, today: date) -> Iterator[UUID]:
    """Explained ones when their day is over, documents with the filings, the others when no rule reaches back."""
    for (_, day), lookups in memory.days.items():
        for event_id, lookup in lookups.items():
            if day < over and day < _limit(memory, lookup, over, today):
                yield event_id


def _limit(memory: Memory, lookup: LookUp, over: date, today: date) -> date:
    if lookup.question is Question.DOCUMENT:
        return today - timedelta(days=HANDLING_DAYS)
    return over if is_explained(memory, lookup) else today - timedelta(days=KEPT_DAYS)


def _others(memory: Memory, today: date) -> Iterator[UUID]:
    for event_id, fact in memory.facts.items():
        if isinstance(fact, Handling):
            day, kept = day_of(fact.at), HANDLING_DAYS
        elif isinstance(fact, Tally):
            day, kept = fact.day, KEPT_DAYS
        else:
            continue
        if day < today - timedelta(days=kept):
            yield event_id
