"""From a line to its values by column (フォーマットチェック): encoding, quotes, columns, lengths, digits; pure.

A value that is at fault is told by its column. Empty columns are left out.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from producers.intake.findings import IntakeCode as Code
from producers.intake.findings import LineFinding, finding
from producers.intake.layout import Column, ColumnType, Layout
from producers.intake.lines import Line
from topics.check_digits import is_my_number, is_resident_code
from topics.dates import is_legal
from topics.items.findings import FindingCode
from topics.items.formats import FORMATS
from topics.text.characters import length

Values = dict[str, str]
LINE = "line"
"""The field of a finding that concerns a whole line."""

_DIGITS = re.compile("[0-9]+")
_DAY = re.compile("[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_FORMS: Mapping[ColumnType, re.Pattern[str]] = MappingProxyType(
    {
        ColumnType.DIGITS: _DIGITS,
        ColumnType.FLAG: re.compile("[01]"),
        ColumnType.RESIDENT_CLASS: re.compile("[12]"),
        ColumnType.TIME: re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"),
        ColumnType.DATE: _DAY,
        ColumnType.UNCERTAIN_DATE: _DAY,
        ColumnType.OPERATOR: re.compile(FORMATS["operator"].pattern or ""),
    }
)
_NUMBERS: Mapping[ColumnType, tuple[int, Callable[[str], bool]]] = MappingProxyType(
    {ColumnType.MY_NUMBER: (12, is_my_number), ColumnType.RESIDENT_CODE: (11, is_resident_code)}
)


class UnreadableError(Exception):
    """A line that has no columns to look at; `code` says why."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.value)
        self.code = code


class Reader:
    """Reads the lines of one layout."""

    def __init__(self, layout: Layout) -> None:
        self._columns = layout.physical
        self._needed = tuple(column.name for column in self._columns if column.required)

    def read(self, line: Line) -> tuple[Values, list[LineFinding]]:
        """The line's values that are given, and what is wrong with it."""
        try:
            cells = split(line.content)
        except UnreadableError as error:
            return {}, [finding(line.number, error.code, LINE)]
        if len(cells) != len(self._columns):
            return {}, [finding(line.number, Code.COLUMNS, LINE)]
        given = [(column, cell) for column, cell in zip(self._columns, cells, strict=True) if cell]
        values = {column.name: cell for column, cell in given}
        missing = [finding(line.number, Code.MISSING, name) for name in self._needed if name not in values]
        return values, missing + [found for column, cell in given for found in _checked(line.number, column, cell)]


def split(content: bytes | None) -> list[str]:
    """The cells of a line; raises `UnreadableError`."""
    if content is None:
        raise UnreadableError(Code.LINE_TOO_LONG)
    if b"\0" in content:
        raise UnreadableError(Code.NUL)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableError(Code.ENCODING) from None
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration):
        raise UnreadableError(Code.QUOTES) from None


def _checked(line: int, column: Column, cell: str) -> Iterator[LineFinding]:
    if len(cell) > column.length and length(cell) > column.length:
        yield finding(line, Code.TOO_LONG, column.name)
    elif column.type in _NUMBERS:
        yield from _checked_number(line, column, cell)
    elif (form := _FORMS.get(column.type)) is not None and form.fullmatch(cell) is None:
        yield finding(line, Code.FORM, column.name)
    elif column.type is ColumnType.DATE and not is_legal(cell, leap_day=False):
        yield LineFinding(line, FindingCode.IMPOSSIBLE_DATE.value, column.name, refused=True)
    elif not column.taken and not column.silent:
        yield finding(line, Code.NOT_TAKEN, column.name)


def _checked_number(line: int, column: Column, cell: str) -> Iterator[LineFinding]:
    digits, is_right = _NUMBERS[column.type]
    if len(cell) != digits or _DIGITS.fullmatch(cell) is None:
        yield finding(line, Code.FORM, column.name)
    elif not is_right(cell):
        yield LineFinding(line, FindingCode.CHECK_DIGIT.value, column.name, refused=True)
