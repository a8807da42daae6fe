"""When the town hall is open (開庁日): Monday to Friday but for the closed days; times are Japan's."""

from datetime import date, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files

import yaml

JAPAN = timezone(timedelta(hours=9), "JST")
SATURDAY = 5


def day_of(moment: datetime) -> date:
    """The day that it is in Japan at an aware `moment`."""
    return moment.astimezone(JAPAN).date()


@cache
def closed_days() -> frozenset[date]:
    """The declared holidays."""
    text = files("topics.codes").joinpath("closed-days.yaml").read_text(encoding="utf-8")
    return frozenset(yaml.safe_load(text))


def is_open(day: date) -> bool:
    """Whether the town hall is open on this day; from 29 December to 3 January it is not (地方自治法4条の2)."""
    at_new_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < SATURDAY and not at_new_year and day not in closed_days()
