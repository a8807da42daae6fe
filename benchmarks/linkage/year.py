"""A synthetic city's changes as moments: office hours, the peak of March and April, families that file together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random

from producers.synthetic.calendar import DAYS, day_at

OFFICE_OPENS, OFFICE_MINUTES = time(8, 30), 525
HOUSEHOLD_SIZES = ((1, 38), (2, 28), (3, 17), (4, 12), (5, 5))
WHOLE_HOUSEHOLD_SHARE = 0.45
FOLLOWED_SHARE = 0.1
FOLLOWS_WITHIN_MINUTES = 30
JAPAN_AHEAD = timedelta(hours=9)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One person's change."""

    moment: datetime
    person: int


def households(residents: int, random: Random) -> list[range]:
    """The residents, 0 and up, by household."""
    sizes, weights = zip(*HOUSEHOLD_SIZES, strict=True)
    found, next_person = [], 0
    while next_person < residents:
        size = min(random.choices(sizes, weights)[0], residents - next_person)
        found.append(range(next_person, next_person + size))
        next_person += size
    return found


def lived(residents: int, changes_a_year: int, years: int, random: Random) -> list[Event]:
    """All changes of some years, in order; a filing of a whole household is one change of each member."""
    homes = households(residents, random)
    events: list[Event] = []
    for year in range(years):
        made = 0
        while made < changes_a_year:
            filed = list(_filed(random.choice(homes), year, random))
            events += filed
            made += len(filed)
    return sorted(events)


def _filed(home: Sequence[int], year: int, random: Random) -> Iterator[Event]:
    moment = _moment(year, random)
    members = home if random.random() < WHOLE_HOUSEHOLD_SHARE else [random.choice(home)]
    yield from (Event(moment, person) for person in members)
    if random.random() < FOLLOWED_SHARE:
        later = moment + timedelta(minutes=random.uniform(0, FOLLOWS_WITHIN_MINUTES))
        yield Event(later, random.choice(list(members)))


def _moment(year: int, random: Random) -> datetime:
    day = day_at(random.random()) + timedelta(days=year * DAYS)
    opened = datetime.combine(day, OFFICE_OPENS, tzinfo=UTC) - JAPAN_AHEAD
    return opened + timedelta(minutes=random.uniform(0, OFFICE_MINUTES))
