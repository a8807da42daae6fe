"""What stands on a document, before it has a shape. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from producers.register.documents.request import TITLES, DocumentKind, Request
from topics.date_texts import Calendar, date_in_words
from topics.guarded import Guarded, Purpose
from topics.items.catalogue import ItemType
from topics.items.resident import RESIDENT_FILE, Address, PersonName, ResidentRecord

ATTESTED = MappingProxyType(
    {
        DocumentKind.RESIDENT_RECORD: "この写しは、住民票の原本と相違ないことを証明する。",
        DocumentKind.CERTIFICATE: "上記の事項は、住民票に記載があることを証明する。",
        DocumentKind.CODE_NOTICE: "住民票に記載された住民票コードを通知する。",
    }
)
SEXES = MappingProxyType({"1": "男", "2": "女", "9": ""})
NOT_RECORDED = "記載なし"

Numbers = Mapping[str, Guarded]
"""Numbers by their reference."""


@dataclass(frozen=True, slots=True)
class Line:
    """One item of one person: the item's Japanese name, and what is recorded."""

    item: int
    label: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document's words: its title, the items of each person, what is attested, and by which number it is known."""

    title: str
    persons: tuple[tuple[Line, ...], ...]
    attested: str
    issued_on: str
    issue_id: str


def compose(request: Request, records: Sequence[ResidentRecord], numbers: Numbers, day: date, issue_id: str) -> Sheet:
    """The sheet for these residents; `numbers` holds those that were asked for and no others."""
    persons = tuple((*_plain(request, record), *_numbers(request, record, numbers)) for record in records)
    issued_on = date_in_words(day.isoformat())
    return Sheet(TITLES[request.kind], persons, ATTESTED[request.kind], issued_on, issue_id)


def references_of(request: Request, record: ResidentRecord) -> list[str]:
    """The number versions that this person's part of the document needs."""
    told = [getattr(record, RESIDENT_FILE.by_number[number].field) for number in request.numbers]
    return [reference for reference in told if reference is not None]


def _plain(request: Request, record: ResidentRecord) -> Iterator[Line]:
    calendar = Calendar.WESTERN if record.resident_class == "foreign" else Calendar.ERA
    for number in request.items:
        item = RESIDENT_FILE.by_number[number]
        value = getattr(record, item.field)
        if value is not None:
            text = date_in_words(value, calendar) if item.type is ItemType.DATE else _text(item.field, value)
            yield Line(number, _label(item.name_ja), text)


def _text(name: str, value: PersonName | Address | str) -> str:
    match value:
        case PersonName():
            return f"{value.text}（{value.kana}）"
        case Address():
            return value.text
        case _:
            return SEXES[value] if name == "sex" else value


def _numbers(request: Request, record: ResidentRecord, numbers: Numbers) -> Iterator[Line]:
    """The numbers in plain text: this is where they leave their guard, to be printed and nothing else."""
    for number in request.numbers:
        item = RESIDENT_FILE.by_number[number]
        reference = getattr(record, item.field)
        text = NOT_RECORDED if reference is None else numbers[reference].reveal(Purpose.PRINT)
        yield Line(number, _label(item.name_ja), text)


def _label(name: str) -> str:
    """The item's name without the words on whom it is for (外国人住民のみ)."""
    return name.partition("（")[0]
