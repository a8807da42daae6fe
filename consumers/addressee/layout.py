"""The columns of the office's own file: derived from its granted items, in the spirit of the national layout.

A date is three columns (日付, 不詳フラグ, 不詳表記), a name or an address its parts. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from topics.date_texts import DateText, date_in_words, to_columns
from topics.grant import Grant
from topics.items.catalogue import Part
from topics.scope import CATALOGUES

HEAD = (
    "市区町村コード",
    "宛名番号",
    "履歴番号",
    "履歴番号枝番",
    "最新フラグ",
    "削除フラグ",
    "異動連番",
    "支援措置フラグ",
)
DATE = ("", "不詳フラグ", "不詳表記")
DATE_FORMATS = frozenset({"date", "date-or-leap-day", "date-of-change"})
PARTS = {
    "text": "",
    "kana": "フリガナ",
    "municipality": "市区町村コード",
    "postal_code": "郵便番号",
    "town_code": "町字コード",
    "reason": "事由",
    "removed_on": "異動年月日",
    "filed_on": "届出年月日",
    "planned_on": "予定年月日",
    "to": "転出先住所",
}
ADDRESSEE_NUMBER = "addressee_number"
"""Stands in the head, not among the items."""


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a person: where it stands among the items, and its columns' Japanese names."""

    path: tuple[str, ...]
    names: tuple[str, ...]

    def cells(self, items: Mapping[str, Any]) -> tuple[str, ...]:
        """The value as it is written, empty where there is none."""
        value: Any = items
        for step in self.path:
            value = (value or {}).get(step)
        if len(self.names) == 1:
            return ("" if value is None else str(value),)
        if value is None:
            return ("",) * len(DATE)
        told = to_columns(DateText(value, ""))
        return (told.date, told.unknown, date_in_words(value) if told.unknown == "1" else "")


def columns(grant: Grant) -> tuple[Column, ...]:
    """The columns of the grant's items after the head, in the items' order."""
    known = CATALOGUES[grant.catalogue].by_field
    fields = [field for field in grant.fields() if field != ADDRESSEE_NUMBER]
    return tuple(each for field in fields for each in _of((field,), known[field].name_ja, known[field].value))


def header(layout: tuple[Column, ...]) -> tuple[str, ...]:
    """The file's first line."""
    return (*HEAD, *(name for column in layout for name in column.names))


def line(layout: tuple[Column, ...], municipality: str, row: Mapping[str, Any], items: Mapping[str, Any]) -> list[str]:
    """One person's line: the head's branch is always 0 and the row always the latest, since the copy has only that.

    支援措置フラグ is 1 for whoever is protected, or may be: nobody said that she is not.
    """
    gone, blocked = ("1" if flag else "0" for flag in (row["state"] == "absent", row["blocked"]))
    head = [municipality, row["addressee_number"], str(row["sequence"]), "0", "1", gone, str(row["change"]), blocked]
    return [*head, *(cell for column in layout for cell in column.cells(items))]


def _of(path: tuple[str, ...], name: str, part: Part) -> Iterator[Column]:
    if part.form.key in DATE_FORMATS:
        yield Column(path, tuple(_joined(name, ending) for ending in DATE))
    elif not part.parts:
        yield Column(path, (name,))
    for field, inner in part.parts.items():
        yield from _of((*path, field), _joined(name, PARTS[field]), inner)


def _joined(name: str, ending: str) -> str:
    return f"{name}_{ending}" if ending else name
