"""What a list may show: cells of a few types, none of which can hold a My Number (個人番号) or a resident code."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from topics.check_digits import is_serial

_DIGITS = re.compile(r"\d[\s\-‐−・.]?" * 10 + r"\d")
"""Eleven digits, however they are set apart: a resident code has eleven, a My Number twelve."""
_REFERENCE = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Text:
    """Words; ValueError when they hold eleven digits in a row."""

    kind: ClassVar = "text"
    value: str

    def __post_init__(self) -> None:
        if _DIGITS.search(unicodedata.normalize("NFKC", self.value)):
            raise ValueError("a list cannot hold a number of a person")


@dataclass(frozen=True, slots=True)
class Count:
    """How many."""

    kind: ClassVar = "count"
    value: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time; None when it never came."""

    kind: ClassVar = "moment"
    value: datetime | None


@dataclass(frozen=True, slots=True)
class Addressee:
    """An addressee number (宛名番号): ten digits; ValueError for anything else."""

    kind: ClassVar = "addressee"
    value: str

    def __post_init__(self) -> None:
        if not is_serial(self.value):
            raise ValueError("not an addressee number")


@dataclass(frozen=True, slots=True)
class Reference:
    """An alert's id: sixteen hexadecimal digits, and so no number of a person; ValueError for anything else."""

    kind: ClassVar = "reference"
    value: str

    def __post_init__(self) -> None:
        if not _REFERENCE.fullmatch(self.value):
            raise ValueError("not an alert's id")


@dataclass(frozen=True, slots=True)
class Mark:
    """A state, shown as a word and a colour; `key` is one of words.yaml."""

    kind: ClassVar = "mark"
    key: str
    state: str


@dataclass(frozen=True, slots=True)
class Live:
    """A text that the page renews by itself, by its key."""

    kind: ClassVar = "live"
    key: str


Cell = Text | Count | Moment | Addressee | Reference | Mark | Live


@dataclass(frozen=True, slots=True)
class Table:
    """A list: its caption and columns by their keys in words.yaml, and its rows; the first cell names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
