"""Lists for spreadsheets (CSV, RFC 4180): a cell is text to whoever opens it, never a formula."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from io import StringIO

FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""With these a spreadsheet takes a cell's beginning for a formula, or for another cell."""
QUOTE = "'"


def cell(value: object) -> str:
    """The value as text that stays text: behind an apostrophe where a spreadsheet would calculate."""
    text = str(value)
    return QUOTE + text if text.lstrip(" 　")[:1] in FORMULA else text


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The list in UTF-8 with a byte order mark, which spreadsheets need to see that it is UTF-8."""
    return BOM_UTF8 + lines([header]) + lines(rows)


def lines(rows: Iterable[Sequence[object]]) -> bytes:
    """Further rows of a list that is written in parts."""
    written = StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([cell(value) for value in row] for row in rows)
    return written.getvalue().encode()
