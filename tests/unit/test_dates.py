"""Register dates: what may stand where, how they sort, and the words in which they are told."""

import pytest

from topics.date_texts import (
    ALL_UNKNOWN,
    Calendar,
    DateColumns,
    DateText,
    DateTextError,
    date_in_words,
    from_columns,
    read_date,
    to_columns,
)
from topics.dates import DateKind, RegisterDate, is_legal, kind_of, parts_of, sort_key, written

WORDS = {
    "昭和25年5月3日": "1950-05-03",
    "昭和元年12月25日": "1926-12-25",
    "大正１５年１２月２５日": "1926-12-25",
    "明治45年7月30日": "1912-07-30",
    "昭和50年2月29日": "1975-02-29",
    "1950年5月3日": "1950-05-03",
    "年月日不詳": "XXXX-XX-XX",
    "昭和25年 月日不詳": "1950-XX-XX",
    "昭和25年5月　日不詳": "1950-05-XX",
    "昭和25年5月3日頃": "1950-05-03~",
    "昭和25年5月頃": "1950-05-XX~",
    "昭和25年ごろ": "1950-XX-XX~",
    "推定昭和25年5月3日": "1950-05-03~",
    "昭和25年5月3日推定": "1950-05-03~",
    "昭和25年春": "1950-XX-XX~",
    "昭和25年5月上旬": "1950-05-XX~",
    "昭和25年5月中旬頃": "1950-05-XX~",
    "昭和25年5月3日から5日頃までの間": "1950-05-XX~",
    "昭和25年5月3日から6月5日頃までの間": "1950-XX-XX~",
    "昭和25年12月30日から昭和26年1月2日頃までの間": "XXXX-XX-XX",
}
NO_DATES = (
    "", "頃", "不詳頃", "昭和25年", "昭和25年5月", "5月3日", "昭和25年5日", "昭和25年13月1日", "昭和25年4月31日",
    "昭和25年2月30日", "昭和64年1月8日", "大正15年12月26日", "昭和0年1月1日", "昭和25年0月頃", "昭和25年5月3日上旬",
    "昭和25年春上旬", "昭和25年5月5日から3日頃までの間", "昭和25年5月から6月頃までの間",
    "昭和25年5月3日から31月頃までの間", "1950-05-03",
)  # fmt: skip


@pytest.mark.parametrize("text", WORDS)
def test_words_are_read_and_kept(text: str) -> None:
    told = read_date(text)
    assert told == DateText(WORDS[text], text)
    assert from_columns(to_columns(told)).value == told.value


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(DateTextError) as refusal:
        read_date(text)
    assert str(refusal.value) == str(DateTextError())


@pytest.mark.parametrize(
    ("value", "era", "western"),
    [
        ("1950-05-03", "昭和25年5月3日", "1950年5月3日"),
        ("1926-12-25", "昭和元年12月25日", "1926年12月25日"),
        ("1950-05-XX", "昭和25年5月　日不詳", "1950年5月　日不詳"),
        ("1950-XX-XX", "昭和25年　月日不詳", "1950年　月日不詳"),
        ("1950-05-XX~", "昭和25年5月頃", "1950年5月頃"),
        ("1989-XX-XX", "1989年　月日不詳", "1989年　月日不詳"),
        ("XXXX-XX-XX", ALL_UNKNOWN, ALL_UNKNOWN),
    ],
)
def test_dates_are_written_in_words(value: RegisterDate, era: str, western: str) -> None:
    assert (date_in_words(value), date_in_words(value, Calendar.WESTERN)) == (era, western)


def test_a_day_that_is_not_known_has_no_day_in_its_place() -> None:
    assert to_columns(read_date("昭和25年春頃")) == DateColumns("", "1", "昭和25年春頃")
    assert to_columns(read_date("昭和50年2月29日")) == DateColumns("1975-02-29", "0", "")


@pytest.mark.parametrize(
    "columns",
    [
        DateColumns("", "0", ""),
        DateColumns("1950-05-03", "1", "昭和25年5月3日頃"),
        DateColumns("1950-05-03", "0", "昭和25年5月3日"),
        DateColumns("1950-05-XX", "0", ""),
        DateColumns("1950-05-03~", "0", ""),
        DateColumns("", "1", ""),
        DateColumns("1950-05-03", "", ""),
    ],
)
def test_columns_that_do_not_fit_together_are_refused(columns: DateColumns) -> None:
    with pytest.raises(DateTextError):
        from_columns(columns)


@pytest.mark.parametrize(
    ("value", "somewhere", "everywhere"),
    [
        ("1980-02-29", True, True),
        ("1975-02-29", True, False),
        ("1975-02-29~", True, False),
        ("1975-02-30", False, False),
        ("1975-04-31", False, False),
        ("0000-02-29", False, False),
        ("1975-02-XX", True, True),
        ("XXXX-XX-XX", True, True),
    ],
)
def test_a_leap_day_of_a_common_year_stands_where_the_register_lets_it(
    value: RegisterDate, somewhere: bool, everywhere: bool
) -> None:
    assert (is_legal(value, leap_day=True), is_legal(value, leap_day=False)) == (somewhere, everywhere)


def test_dates_sort_with_the_unknown_first() -> None:
    in_order = ["XXXX-XX-XX", "1950-XX-XX~", "1950-05-XX", "1950-05-03~", "1950-05-04", "1975-02-29", "1975-03-01"]
    assert sorted(set(in_order), key=sort_key) == in_order


@pytest.mark.parametrize("value", ["1950-05-03", "1950-05-XX", "1950-XX-XX", "XXXX-XX-XX", "1975-02-29"])
def test_parts_make_the_date_again(value: RegisterDate) -> None:
    assert written(parts_of(value)) == value
    assert (kind_of(value) is DateKind.IMPOSSIBLE) == (value == "1975-02-29")
