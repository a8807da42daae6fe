"""R10: slow growth, which no single day shows: a cumulative sum (CUSUM) of weekly counts on a logarithmic scale."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log

from hub.watch.access.alert import Alert, Window
from hub.watch.access.limits import LIMITS
from hub.watch.access.memory import Memory
from hub.watch.access.volume import Counts, counts_of, usual
from topics.office_days import day_of

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Day:
    """Everybody at work on one day: what they did, what they usually do, how many they are."""

    done: int
    usually: float
    working: int


def growing(memory: Memory, now: datetime) -> Iterator[Alert]:
    """Operators whose weeks have grown, against the others', by more than chance adds up to; said of the last week."""
    today = day_of(now)
    end = today - timedelta(days=today.weekday())
    weeks = [end - n * WEEK for n in range(LIMITS.growth_days // WEEK.days, 0, -1)]
    counts = counts_of(memory, lambda tally: tally.lookups)
    means = _means(counts, weeks[0])
    everybody = {day: _at_work(counts, means, day) for monday in weeks for day in _days(monday)}
    for operator in sorted(means):
        total = _sum(counts[operator], means[operator], everybody, weeks)
        if total > LIMITS.growth_limit:
            days = {day: one for day in _days(weeks[-1]) for one in memory.days.get((operator, day), {})}
            window = Window(weeks[-1], end - timedelta(days=1))
            yield Alert("R10", operator, window, tuple(days.values()), (("growth", total),))


def _means(counts: Counts, before: date) -> dict[str, float]:
    past = {operator: usual(own, before) for operator, own in counts.items()}
    long_enough = {operator: own for operator, own in past.items() if len(own) >= LIMITS.least_history_days}
    return {operator: sum(own.values()) / len(own) for operator, own in long_enough.items()}


def _at_work(counts: Counts, means: Mapping[str, float], day: date) -> Day:
    working = [operator for operator in means if day in counts[operator]]
    done, usually = sum(counts[one][day] for one in working), sum(means[one] for one in working)
    return Day(done, usually, len(working))


def _sum(own: Mapping[date, int], mean: float, everybody: Mapping[date, Day], weeks: Sequence[date]) -> float:
    """The sum at the last week: what each week grew beyond the allowance, never less than nothing."""
    total = 0.0
    for monday in weeks:
        total = max(0.0, total + _grown(own, mean, everybody, monday) - LIMITS.growth_allowance)
    return total


def _grown(own: Mapping[date, int], mean: float, everybody: Mapping[date, Day], monday: date) -> float:
    """The logarithm of the week's count over what the others' week lets expect; nothing for a week off."""
    done = usually = 0.0
    for day in _days(monday):
        if day in own and everybody[day].working > LIMITS.least_others:
            done += own[day]
            usually += mean * (everybody[day].done - own[day]) / (everybody[day].usually - mean)
    return log((done + 0.5) / (usually + 0.5))


def _days(monday: date) -> list[date]:
    return [monday + timedelta(days=n) for n in range(7)]
