"""Who works at the counters, and whom they may look up."""

from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from random import Random

from producers.synthetic.calendar import MONTH_WEIGHTS, OTHER_MONTH_WEIGHT
from topics.messages.access import Subject, Tie
from topics.office_days import is_open

OPERATORS = 40
RESIDENTS = 140_000
PROTECTED = range(1000, 1120)
STAFF = range(2000, 2028)
"""By number: residents under protection; and those who work here: the first operators live in the city."""
USUAL_A_DAY = 20.0
LEAVE_SHARE = 1 / 16
WEEKDAYS = (1.2, 1.0, 0.95, 0.95, 1.1)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: how many look-ups on an average day, on which days off, and who it is among the residents."""

    account: str
    rate: float
    leave: frozenset[date]
    resident: int | None


def operators(random: Random, days: list[date]) -> tuple[Operator, ...]:
    """The counters' staff; rates scatter widely, as those of front and back offices do."""
    return tuple(
        Operator(
            account=f"counter-{number}",
            rate=USUAL_A_DAY * random.gammavariate(6.0, 1 / 6.0),
            leave=frozenset(random.sample(days, round(LEAVE_SHARE * len(days)))),
            resident=STAFF[number - 1] if number <= len(STAFF) else None,
        )
        for number in range(1, OPERATORS + 1)
    )


def open_days(first: date, count: int) -> list[date]:
    """The days of so many on which the town hall is open."""
    return [day for day in (first + timedelta(days=n) for n in range(count)) if is_open(day)]


def crowding(random: Random, day: date) -> float:
    """What the day does to everybody: half of the work follows the filings of the season, the weekday, and chance."""
    season = 0.5 + 0.5 * MONTH_WEIGHTS.get(day.month, OTHER_MONTH_WEIGHT) / OTHER_MONTH_WEIGHT
    return season * WEEKDAYS[min(day.weekday(), 4)] * random.lognormvariate(0.0, 0.1)


def pseudonym_of(seed: int, resident: int) -> str:
    """How a resident is called in the log."""
    return b32encode(sha256(f"{seed}/{resident}".encode()).digest()[:15]).decode("ascii").lower()


def shown(seed: int, operator: Operator, resident: int) -> Subject:
    """A resident as the log tells of one whom this operator was shown."""
    tie = Tie.SELF if operator.resident == resident else None
    return Subject(
        pseudonym=pseudonym_of(seed, resident), tie=tie, staff=resident in STAFF, protected=resident in PROTECTED
    )


def poisson(random: Random, mean: float) -> int:
    """A Poisson number: how many exponential waits fit."""
    count, left = -1, mean
    while left >= 0:
        left -= random.expovariate(1.0)
        count += 1
    return count


def spread(random: Random, days: list[date], count: int) -> Iterator[date]:
    """`count` of the days, in order."""
    yield from sorted(random.sample(days, min(count, len(days))))
