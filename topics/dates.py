"""Register dates (異動日・生年月日など): days as the register holds them, not as a calendar would.

Written in the Extended Date/Time Format (ISO 8601-2): ``1980-02-29`` exact, ``1980-02-XX`` unknown day,
``1980-XX-XX`` unknown month and day, ``XXXX-XX-XX`` all unknown; a trailing ``~`` marks an approximate date (頃・推定).
What is not known stays unknown: no day is ever put in its place (みなし日付). Source: 住民記録システム標準仕様書 1.1.8.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

EDTF = r"^(?:[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]|XX)|[0-9]{4}-XX-XX|XXXX-XX-XX)~?$"

RegisterDate = Annotated[str, StringConstraints(pattern=EDTF)]

Parts = tuple[int | None, int | None, int | None]
"""Year, month and day; what is unknown is None, and then so is all that is smaller."""


class DateKind(StrEnum):
    """How much of a register date is known."""

    EXACT = "exact"
    UNKNOWN_DAY = "unknown-day"
    UNKNOWN_MONTH = "unknown-month"
    UNKNOWN = "unknown"
    APPROXIMATE = "approximate"
    IMPOSSIBLE = "impossible"


def kind_of(value: RegisterDate) -> DateKind:
    """The kind of a well-formed register date."""
    if value.endswith("~"):
        return DateKind.APPROXIMATE
    if value.startswith("X"):
        return DateKind.UNKNOWN
    if value.endswith("XX-XX"):
        return DateKind.UNKNOWN_MONTH
    if value.endswith("XX"):
        return DateKind.UNKNOWN_DAY
    return DateKind.EXACT if calendar_day(value) else DateKind.IMPOSSIBLE


def calendar_day(value: RegisterDate) -> date | None:
    """The calendar day of an exact register date, or None where no calendar has it."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def is_legal(value: RegisterDate, *, leap_day: bool) -> bool:
    """Whether a well-formed date may stand.

    A whole day must be one that a calendar has. With `leap_day` 29 February of a common year may stand too: for the
    day of birth, the days of becoming a resident, of taking the address and of becoming a foreign resident, and for
    the day of change of the reasons whose row of the matrix says so (birth, death, missing); nowhere else.
    """
    day = value.rstrip("~")
    if day.endswith("X") or calendar_day(day) is not None:
        return True
    return leap_day and day.endswith("-02-29") and not day.startswith("0000")


def parts_of(value: RegisterDate) -> Parts:
    """Year, month and day of a well-formed date as far as they are known."""
    year, month, day = (None if "X" in part else int(part) for part in value.rstrip("~").split("-"))
    return year, month, day


def written(parts: Parts, *, approximate: bool = False) -> RegisterDate:
    """The date that these parts make; the reverse of `parts_of`."""
    year, month, day = parts
    ending = "~" if approximate else ""
    return "-".join(("XXXX" if year is None else f"{year:04d}", _two(month), _two(day))) + ending


def sort_key(value: RegisterDate) -> str:
    """A key by which register dates sort: unknown parts come before known ones. For order alone, never shown."""
    return value.rstrip("~").replace("X", "0")


def _two(part: int | None) -> str:
    return "XX" if part is None else f"{part:02d}"
