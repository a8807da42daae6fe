"""The year's course: office days, with the peak of March and April when Japan moves house."""

from bisect import bisect_left
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

FIRST_DAY = date(2025, 10, 1)
DAYS = 365
MONTH_WEIGHTS = {3: 18.4, 4: 14.5}
OTHER_MONTH_WEIGHT = 6.7


@cache
def _cumulative() -> tuple[tuple[date, ...], tuple[float, ...]]:
    days = tuple(FIRST_DAY + timedelta(days=n) for n in range(DAYS))
    offices = tuple(day for day in days if day.weekday() < 5)
    return offices, tuple(accumulate(MONTH_WEIGHTS.get(day.month, OTHER_MONTH_WEIGHT) for day in offices))


def day_at(share: float) -> date:
    """The office day on which this share (0..1) of the year's filings has been handed in."""
    days, weights = _cumulative()
    return days[min(bisect_left(weights, share * weights[-1]), len(days) - 1)]
