"""Eras: a date in its era and back, with both eras on the day of a change."""

from itertools import pairwise

import pytest

from topics.dates import RegisterDate
from topics.eras import EraDate, EraError, era_of, eras, eras_of, from_era


@pytest.mark.parametrize(
    ("told", "value"),
    [
        (EraDate("明治", 45, 7, 30), "1912-07-30"),
        (EraDate("大正", 1, 7, 30), "1912-07-30"),
        (EraDate("大正", 15, 12, 25), "1926-12-25"),
        (EraDate("昭和", 1, 12, 25), "1926-12-25"),
        (EraDate("昭和", 64, 1, 7), "1989-01-07"),
        (EraDate("平成", 1, 1, 8), "1989-01-08"),
        (EraDate("平成", 31, 4, 30), "2019-04-30"),
        (EraDate("令和", 1, 5, 1), "2019-05-01"),
        (EraDate("昭和", 50, 2, 29), "1975-02-29"),
        (EraDate("昭和", 64), "1989-XX-XX"),
        (EraDate("大正", 15, 12), "1926-12-XX"),
    ],
)
def test_a_date_in_its_era_is_a_register_date(told: EraDate, value: RegisterDate) -> None:
    assert from_era(told) == value
    assert told in eras_of(value)


@pytest.mark.parametrize(
    "told",
    [
        EraDate("明治", 45, 7, 31),
        EraDate("大正", 1, 7, 29),
        EraDate("大正", 15, 12, 26),
        EraDate("昭和", 1, 12, 24),
        EraDate("昭和", 64, 1, 8),
        EraDate("平成", 31, 5, 1),
        EraDate("令和", 1, 4, 30),
        EraDate("昭和", 65),
        EraDate("昭和", 0, 1, 1),
        EraDate("慶応", 3, 1, 1),
    ],
)
def test_what_an_era_did_not_have_is_refused(told: EraDate) -> None:
    with pytest.raises(EraError):
        from_era(told)


def test_both_eras_stand_on_the_day_of_a_change_and_the_new_one_is_written() -> None:
    assert [told.era for told in eras_of("1912-07-30")] == ["明治", "大正"]
    assert era_of("1926-12-25") == EraDate("昭和", 1, 12, 25)


@pytest.mark.parametrize("value", ["1926-XX-XX", "1989-01-XX", "1912-07-XX~", "XXXX-XX-XX", "1850-01-01"])
def test_no_era_is_guessed(value: RegisterDate) -> None:
    assert era_of(value) is None


def test_eras_follow_each_other_without_a_gap() -> None:
    table = list(eras().values())
    assert [era.name_ja for era in table] == ["明治", "大正", "昭和", "平成", "令和"]
    assert all(before.last_day <= after.first_day for before, after in pairwise(table))
