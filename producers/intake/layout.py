"""The declared layout of a file (レイアウト): its columns in order, by English and Japanese name, type and length."""

from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field, ValidationError

from infra.runtime.refusals import Refusal
from topics.model import WireModel

SHIPPED = "001o006"
UNKNOWN, NOTATION = ".unknown", ".notation"
"""Endings of the two columns that follow the day of an uncertain date: 不詳フラグ and 不詳表記."""
NOTATION_LENGTH = 60
_UTF8_BYTES, _QUOTES = 16, 3
"""A character of a name may carry a variation selector and be written with marks: no line is cut that fits."""


class ColumnType(StrEnum):
    """How a value is written."""

    TEXT = "text"
    DIGITS = "digits"
    FLAG = "flag"
    OPERATOR = "operator"
    TIME = "time"
    DATE = "date"
    UNCERTAIN_DATE = "uncertain-date"
    RESIDENT_CLASS = "resident-class"
    MY_NUMBER = "my-number"
    RESIDENT_CODE = "resident-code"


class Column(WireModel):
    """One column. `taken` says whether an item of file 1 holds it; one that is not is told as a warning unless
    `silent`."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.unknown|\.notation)?$")]
    name_ja: Annotated[str, Field(min_length=1)]
    type: ColumnType
    length: Annotated[int, Field(ge=1, le=4000)]
    required: bool = False
    taken: bool = True
    silent: bool = False


class Layout(WireModel):
    """A file's columns as they are declared; `physical` has the three of an uncertain date each."""

    name: str
    title: str
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]

    @property
    def physical(self) -> tuple[Column, ...]:
        """The columns as they stand in a line."""
        return tuple(each for column in self.columns for each in _physical(column))

    @property
    def header(self) -> tuple[str, ...]:
        """The first line of a file: the Japanese names."""
        return tuple(column.name_ja for column in self.physical)

    @property
    def longest_line(self) -> int:
        """How many bytes a line can have."""
        return sum(column.length * _UTF8_BYTES + _QUOTES for column in self.physical)


@cache
def load_layout(path: Path | None = None) -> Layout:
    """The layout in a YAML file, else the one shipped; raises `Refusal`."""
    shipped = files("producers.intake.layouts").joinpath(f"{SHIPPED}.yaml")
    try:
        layout = Layout.model_validate(yaml.safe_load((path or shipped).read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refusal("INTAKE-LAYOUT", f"{path or SHIPPED}: not a layout: {_first(error)}") from None
    for names in ([c.name for c in layout.physical], layout.header):
        if len(set(names)) != len(names):
            raise Refusal("INTAKE-LAYOUT", f"{path or SHIPPED}: a column's name stands twice; name each once")
    return layout


def _physical(column: Column) -> tuple[Column, ...]:
    if column.type is not ColumnType.UNCERTAIN_DATE:
        return (column,)
    return (
        column,
        Column(name=column.name + UNKNOWN, name_ja=f"{column.name_ja}_不詳フラグ", type=ColumnType.FLAG, length=1),
        Column(
            name=column.name + NOTATION, name_ja=f"{column.name_ja}_不詳表記", type=ColumnType.TEXT,
            length=NOTATION_LENGTH,
        ),
    )  # fmt: skip


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return "not YAML in UTF-8"
