"""R9 and R12: a day's count against what this operator usually does and what kind of day it was.

Counts of people at work scatter more than Poisson's law lets them: the model is negative binomial, the mean is the
operator's own times the day's effect on everybody else, the dispersion that of all operators (by moments).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf

from hub.watch.access.alert import Alert, Window
from hub.watch.access.chances import binomial_tail, negative_binomial_tail
from hub.watch.access.limits import LIMITS
from hub.watch.access.memory import JUDGED_DAYS, Memory, Tally
from topics.messages.access import LookUp, Question
from topics.office_days import day_of

Counts = Mapping[str, Mapping[date, int]]
"""Counts of each operator by day; days without any are missing, as if the operator were not at work."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What was to be expected of one operator on one day."""

    mean: float
    size: float


def usual(counts: Mapping[date, int], before: date, days: int = LIMITS.history_days) -> dict[date, int]:
    """The last worked days before a day, at most so many."""
    return {day: counts[day] for day in sorted(day for day in counts if day < before)[-days:]}


def expected(counts: Counts, day: date) -> dict[str, Expected]:
    """What was to be expected on `day` of everybody at work who has been long enough."""
    past = {operator: usual(own, day) for operator, own in counts.items() if day in own}
    past = {operator: own for operator, own in past.items() if len(own) >= LIMITS.least_history_days}
    means = {operator: sum(own.values()) / len(own) for operator, own in past.items()}
    size = _size(past, means)
    done, usually = sum(counts[operator][day] for operator in means), sum(means.values())
    enough = len(means) > LIMITS.least_others
    return {
        operator: Expected(mean * ((done - counts[operator][day]) / (usually - mean) if enough else 1.0), size)
        for operator, mean in means.items()
    }


def _size(past: Counts, means: Mapping[str, float]) -> float:
    """The dispersion, by moments, of all operators' counts around their means times the days' effects."""
    done: dict[date, float] = {}
    usually: dict[date, float] = {}
    for operator, own in past.items():
        for day, count in own.items():
            done[day] = done.get(day, 0.0) + count
            usually[day] = usually.get(day, 0.0) + means[operator]
    pairs = [(n, means[o] * done[day] / usually[day]) for o, own in past.items() for day, n in own.items()]
    excess = sum((n - mean) ** 2 - mean for n, mean in pairs)
    return sum(mean**2 for _, mean in pairs) / excess if excess > 0 else inf


def counts_of(memory: Memory, of: Callable[[Tally], int]) -> dict[str, dict[date, int]]:
    """A count of every operator and day in the time kept."""
    tallies = {(o, day): tally for o, own in memory.tallies.items() for day, tally in own.items()}
    keys = {*memory.days, *tallies}
    found: dict[str, dict[date, int]] = {}
    for operator, day in keys:
        count = of(tallies.get((operator, day)) or memory.tally(operator, day))
        if count:
            found.setdefault(operator, {})[day] = count
    return found


def bursts(memory: Memory, now: datetime) -> Iterator[Alert]:
    """R9: more look-ups in a day than the model lets expect."""
    yield from _outliers(memory, now, "R9", lambda tally: tally.lookups, lambda _: True)


def outputs(memory: Memory, now: datetime) -> Iterator[Alert]:
    """R12: more documents in a day than the model lets expect; more failed searches than others' rate does."""
    yield from _outliers(memory, now, "R12", lambda t: t.documents, lambda one: one.question is Question.DOCUMENT)
    yield from _failures(memory, now)


def _outliers(
    memory: Memory, now: datetime, rule: str, of: Callable[[Tally], int], about: Callable[[LookUp], bool]
) -> Iterator[Alert]:
    counts = counts_of(memory, of)
    for day in (day for day in memory.open_days(now, JUDGED_DAYS) if day < day_of(now)):
        for operator, each in sorted(expected(counts, day).items()):
            count = counts[operator][day]
            chance = negative_binomial_tail(count, each.mean, each.size)
            if chance < LIMITS.volume_probability:
                found = memory.days.get((operator, day), {})
                evidence = tuple(event_id for event_id, one in found.items() if about(one))
                figures = (("count", float(count)), ("expected", each.mean), ("probability", chance))
                yield Alert(rule, operator, Window(day, day), evidence, figures)


def _failures(memory: Memory, now: datetime) -> Iterator[Alert]:
    since = day_of(now) - timedelta(days=LIMITS.history_days)
    recent = [t for own in memory.tallies.values() for t in own.values() if t.day >= since]
    searches = sum(tally.searches for tally in recent)
    if not searches:
        return
    rate = sum(tally.failed for tally in recent) / searches
    for day in (day for day in memory.open_days(now, JUDGED_DAYS) if day < day_of(now)):
        for operator, lookups in memory.of_day(day):
            tally = memory.tally(operator, day)
            chance = binomial_tail(tally.failed, tally.searches, rate)
            if tally.failed >= LIMITS.failed_searches and chance < LIMITS.failed_probability:
                evidence = tuple(event_id for event_id, one in lookups.items() if one.found == 0)
                figures = (
                    ("failed", float(tally.failed)),
                    ("searches", float(tally.searches)),
                    ("probability", chance),
                )
                yield Alert("R12", operator, Window(day, day), evidence, figures)
