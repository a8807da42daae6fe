"""Register dates (異動日・生年月日など): days as the register holds them, not as a calendar would.

Written in the Extended Date/Time Format (ISO 8601-2): ``1980-02-29`` exact, ``1980-02-XX`` unknown day,
``1980-XX-XX`` unknown month and day, ``XXXX-XX-XX`` all unknown; a trailing ``~`` marks an approximate date (頃).
A day that no calendar has (2月29日 of a common year) is legal in a register and is kept.
Source: 住民記録システム標準仕様書 1.1.8.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

EDTF = r"^(?:[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]|XX)|[0-9]{4}-XX-XX|XXXX-XX-XX)~?$"

RegisterDate = Annotated[str, StringConstraints(pattern=EDTF)]


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


def sort_key(value: RegisterDate) -> str:
    """A key by which register dates sort: unknown parts come before known ones."""
    return value.rstrip("~").replace("X", "0")
