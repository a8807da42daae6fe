"""Whatever the date: eras and words lead back to it, columns hold it, no unknown day is made a known one."""

from calendar import isleap
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from topics.date_texts import Calendar, DateText, date_in_words, from_columns, read_date, to_columns
from topics.dates import Parts, RegisterDate, calendar_day, is_legal, parts_of, sort_key, written
from topics.eras import eras_of, from_era

days = st.dates(date(1873, 1, 1), date(2100, 12, 31))
leap_days = st.integers(1873, 2100).filter(lambda year: not isleap(year)).map(lambda year: (year, 2, 29))


def _known_to(parts: tuple[int, int, int], known: int) -> Parts:
    year, month, day = (part if place < known else None for place, part in enumerate(parts))
    return year, month, day


def _parts(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


whole = st.one_of(days.map(_parts), leap_days)
register_dates: st.SearchStrategy[RegisterDate] = st.one_of(
    st.just("XXXX-XX-XX"),
    st.builds(
        lambda parts, known, about: written(_known_to(parts, known), approximate=about),
        whole, st.integers(1, 3), st.booleans(),
    ),
)  # fmt: skip


@given(register_dates)
def test_every_era_leads_back(value: RegisterDate) -> None:
    assert all(from_era(told) == value.rstrip("~") for told in eras_of(value))
    assert (eras_of(value) == ()) == value.startswith("X")


@given(register_dates, st.sampled_from(Calendar))
def test_words_lead_back(value: RegisterDate, calendar: Calendar) -> None:
    assert read_date(date_in_words(value, calendar)).value == value


@given(register_dates)
def test_columns_lead_back_and_tell_a_day_only_where_it_is_known(value: RegisterDate) -> None:
    told = DateText(value, date_in_words(value))
    columns = to_columns(told)
    assert from_columns(columns) == told
    assert columns.date in {"", value}
    assert bool(columns.date) == (parts_of(value)[2] is not None and not value.endswith("~"))


@given(register_dates, register_dates)
def test_what_is_known_sorts_as_the_calendar_does(one: RegisterDate, other: RegisterDate) -> None:
    first, second = calendar_day(one), calendar_day(other)
    if first is not None and second is not None:
        assert (sort_key(one) < sort_key(other)) == (first < second)


@given(days)
def test_a_day_of_the_calendar_may_stand_everywhere(day: date) -> None:
    assert is_legal(day.isoformat(), leap_day=False)


@given(leap_days)
def test_a_leap_day_of_a_common_year_stands_nowhere_else(parts: tuple[int, int, int]) -> None:
    assert is_legal(written(parts), leap_day=True) and not is_legal(written(parts), leap_day=False)
