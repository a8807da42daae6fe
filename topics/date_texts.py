"""Register dates in words (和暦・西暦, 不詳・頃・推定): read into the wire form, written from it, as three columns.

Read are, also with a year of the calendar (1950年), and whatever the spaces:
昭和25年5月3日, 年月日不詳, 昭和25年　月日不詳, 昭和25年5月　日不詳, 昭和25年5月頃, 推定昭和25年5月3日, 昭和25年春,
昭和25年5月上旬, 昭和25年5月中旬頃, 昭和25年5月3日から5日頃までの間. The words are kept beside the date:
they often tell more. Source: 住民記録システム標準仕様書 1.1.8.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from topics.dates import EDTF, DateKind, Parts, RegisterDate, is_legal, kind_of, parts_of, sort_key, written
from topics.eras import EraDate, EraError, era_of, eras, from_era

ALL_UNKNOWN = "年月日不詳"
_BLANKS = str.maketrans("", "", " 　")
_NUMBER = "[0-9０-９]{1,2}"
_YEAR = rf"(?:(?:(?P<era>{'|'.join(eras())})(?P<era_year>元|{_NUMBER})|(?P<year>[0-9０-９]{{4}}))年)"
_POINT = re.compile(rf"{_YEAR}?(?:(?P<month>{_NUMBER})月)?(?:(?P<day>{_NUMBER})日)?")
_UNKNOWN = re.compile("(?P<known>.+?)(?:(?<=年)月日不詳|(?<=月)日不詳)")
_RANGE = re.compile("(?P<first>.+)から(?P<last>.+?)(?:頃|ごろ)?までの間")
_ABOUT = "(?P<about>(?<=年)[春夏秋冬]|(?<=月)[上中下]旬)"
_VAGUE = re.compile(f"(?P<before>推定)?(?P<known>.+?){_ABOUT}?(?P<after>頃|ごろ|推定)?")


class DateTextError(ValueError):
    """The words are no date as a register writes one; they are not repeated."""

    def __init__(self) -> None:
        super().__init__(
            "write a date as 昭和25年5月3日, or with 不詳, 頃, 推定, a season, 上旬・中旬・下旬, or …から…までの間"
        )


class Calendar(StrEnum):
    """How years are counted: by era (和暦) for Japanese residents, by the calendar (西暦) for foreign ones."""

    ERA = "era"
    WESTERN = "western"


@dataclass(frozen=True, slots=True)
class DateText:
    """A date and the words that told it, as received."""

    value: RegisterDate
    text: str

    @property
    def kind(self) -> DateKind:
        """How much of it is known."""
        return kind_of(self.value)

    @property
    def sort_key(self) -> str:
        """For order alone."""
        return sort_key(self.value)


@dataclass(frozen=True, slots=True)
class DateColumns:
    """A date as standard-conformant consumers hold it: 日付, 不詳フラグ (1 when not exact), 不詳表記.

    `date` is empty unless the day is known: a day that is not known is not replaced by another.
    """

    date: str
    unknown: str
    notation: str


def read_date(text: str) -> DateText:
    """The date that `text` tells; raises `DateTextError`, also for a day that neither calendar nor register knows."""
    value = _value(text.translate(_BLANKS))
    if not is_legal(value, leap_day=True) or re.fullmatch(EDTF, value) is None:
        raise DateTextError
    return DateText(value, text)


def date_in_words(value: RegisterDate, calendar: Calendar = Calendar.ERA) -> str:
    """The date in words; by the calendar's year where its era is not known; 年月日不詳 when nothing is."""
    year, month, day = parts_of(value)
    if year is None:
        return ALL_UNKNOWN
    words = _year(value, year, calendar) + (f"{month}月" if month else "") + (f"{day}日" if day else "")
    if value.endswith("~"):
        return words + "頃"
    return words + ("" if day else "　日不詳" if month else "　月日不詳")


def to_columns(told: DateText) -> DateColumns:
    """The three columns; the words are told only where the day alone would not tell everything."""
    exact = told.kind in {DateKind.EXACT, DateKind.IMPOSSIBLE}
    return DateColumns(told.value, "0", "") if exact else DateColumns("", "1", told.text)


def from_columns(columns: DateColumns) -> DateText:
    """The date in three columns; raises `DateTextError` where they do not fit together."""
    if columns.unknown == "1" and not columns.date:
        return read_date(columns.notation)
    if columns.unknown != "0" or columns.notation or re.fullmatch(EDTF, columns.date) is None:
        raise DateTextError
    if parts_of(columns.date)[2] is None or columns.date.endswith("~"):
        raise DateTextError
    return DateText(columns.date, date_in_words(columns.date))


def _value(text: str) -> RegisterDate:
    if text in {ALL_UNKNOWN, "不詳"}:
        return written((None, None, None))
    if told := _RANGE.fullmatch(text):
        return _between(told["first"], told["last"])
    if told := _UNKNOWN.fullmatch(text):
        return _known_in_part(told["known"])
    return _vague(text)


def _between(first: str, last: str) -> RegisterDate:
    """What two whole days have in common: the last one may leave out the year, or year and month."""
    begin = _whole_day(_point(first, (None, None, None)))
    end = _whole_day(_point(last, begin))
    if not end > begin:
        raise DateTextError
    (year, month, _), (last_year, last_month, _) = begin, end
    if year != last_year:
        return written((None, None, None))
    return written((year, month if month == last_month else None, None), approximate=True)


def _whole_day(parts: Parts) -> tuple[int, int, int]:
    year, month, day = parts
    if year is None or month is None or day is None or not is_legal(written(parts), leap_day=True):
        raise DateTextError
    return year, month, day


def _known_in_part(text: str) -> RegisterDate:
    year, month, day = _point(text, (None, None, None))
    if year is None or day is not None:
        raise DateTextError
    return written((year, month, None))


def _vague(text: str) -> RegisterDate:
    told = _VAGUE.fullmatch(text)
    if told is None:
        raise DateTextError
    parts = _point(told["known"], (None, None, None))
    about = any(told[name] for name in ("before", "about", "after"))
    if parts[0] is None or (parts[2] is None and not about) or (parts[2] is not None and told["about"]):
        raise DateTextError
    return written(parts, approximate=about)


def _point(text: str, before: Parts) -> Parts:
    """Year, month and day in `text`; larger ones that are left out are those of `before`."""
    told = _POINT.fullmatch(text)
    if told is None:
        raise DateTextError
    month, day = (int(told[name]) if told[name] else None for name in ("month", "day"))
    if told["year"] or told["era"]:
        if day is not None and month is None:
            raise DateTextError
        return _with_year(told, month, day)
    return before[0], before[1] if month is None else month, day


def _with_year(told: re.Match[str], month: int | None, day: int | None) -> Parts:
    if told["year"]:
        return int(told["year"]), month, day
    year = 1 if told["era_year"] == "元" else int(told["era_year"])
    try:
        return parts_of(from_era(EraDate(told["era"], year, month, day)))
    except EraError:
        raise DateTextError from None


def _year(value: RegisterDate, year: int, calendar: Calendar) -> str:
    told = era_of(value) if calendar is Calendar.ERA else None
    if told is None:
        return f"{year}年"
    return f"{told.era}{'元' if told.year == 1 else told.year}年"
