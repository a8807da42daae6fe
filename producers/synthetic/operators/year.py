"""The log of a synthetic year, in the order of time, and the look-ups in it that are misuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from producers.synthetic.calendar import FIRST_DAY
from producers.synthetic.operators.desk import Desk
from producers.synthetic.operators.misuse import MISUSE, Setting
from producers.synthetic.operators.ordinary import ordinary_day, ordinary_sunday
from producers.synthetic.operators.people import open_days, operators
from topics.messages.access import Entry
from topics.office_days import JAPAN

SUNDAY, MOVING_MONTHS = 6, (3, 4)


@dataclass(frozen=True, slots=True)
class Year:
    """Entries in order of time; `planted` maps a look-up to its incident; `days` of which `worked` were open."""

    entries: tuple[Entry, ...]
    planted: Mapping[UUID, str]
    days: int
    worked: int


def year_of(seed: int, days: int = 365, *, misuse: bool = True) -> Year:
    """A year (or so many days) of the counters of a city of 140,000; without misuse the same kind of days."""
    desk = Desk(seed, Random(f"{seed}/operators"))  # noqa: S311 - it must be the same for the same seed
    worked = open_days(FIRST_DAY, days)
    staff = operators(desk.random, worked)
    for day in worked:
        ordinary_day(desk, staff, day)
    for day in _sundays(days):
        ordinary_sunday(desk, staff, day)
    for plant in MISUSE if misuse else ():
        plant(Setting(desk, staff, worked))
    for night in range(days + 2):
        desk.tell_up_to(datetime.combine(FIRST_DAY + timedelta(days=night), time(), JAPAN))
    entries = tuple(sorted(desk.entries, key=lambda entry: entry.at))
    return Year(entries, desk.planted, days, len(worked))


def _sundays(days: int) -> list[date]:
    """Every second Sunday of the moving season."""
    found = [FIRST_DAY + timedelta(days=n) for n in range(days)]
    return [day for day in found if day.weekday() == SUNDAY and day.month in MOVING_MONTHS][::2]
