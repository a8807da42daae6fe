"""A synthetic city as the file of a register system (住民情報ファイル), with faulty rows planted in it where wanted."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from types import MappingProxyType

from producers.intake.layout import NOTATION, UNKNOWN, Layout, load_layout
from producers.register.filings import MigratedPerson, Migration
from producers.synthetic.city import SyntheticCity
from producers.synthetic.people import my_number, resident_code
from topics.check_digits import serial_digit
from topics.date_texts import DateText, date_in_words, to_columns

FIRST_SERIAL, FIRST_HOUSEHOLD = 100_000_000, 500_000_000
FORMER_SHARE = 0.1
_ADDRESS = re.compile(
    "(?P<prefecture>東京都|北海道|京都府|大阪府|.{2,3}県)(?P<city>.+?郡.+?[町村]|.+?市.+?区|.+?[市区町村])"
    "(?P<town>.*?)(?P<lot>[0-9]+番[0-9]+号)"
)

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault that was planted: at which line, and what the intake must say of it."""

    line: int
    code: str
    field: str


def write_register_file(path: Path, city: SyntheticCity, *, faulty_each: int = 0) -> list[Planted]:
    """Write the city, a line a row; of every `faulty_each` residents one has a fault, unless that is 0."""
    layout, planted = load_layout(), []
    faults = iter(FAULTS.items()) if faulty_each else iter(())
    with path.open("wb") as stream:
        stream.write(line_of(layout.header))
        number = 1
        for index, rows in enumerate(resident_rows(city), start=1):
            fault = next(faults, None) if faulty_each and index % faulty_each == 0 else None
            written = [layout_line(layout, row) for row in rows]
            if fault is not None:
                (_, code, field), spoil = fault
                written = [spoil(layout, rows[-1])] if code not in REPEATING else [written[-1], spoil(layout, rows[-1])]
                planted.append(Planted(number + len(written), code, field))
            stream.writelines(written)
            number += len(written)
    return planted


def resident_rows(city: SyntheticCity) -> Iterator[list[Row]]:
    """Every resident's rows, oldest first; of some an earlier one too."""
    random = Random(f"file/{city.seed}")  # noqa: S311 - it must be the same for the same seed
    people, homes = _serials(FIRST_SERIAL), _serials(FIRST_HOUSEHOLD)
    for batch in city.initial():
        for filing, _ in batch:
            household = next(homes)
            for order, person in enumerate(filing.persons, start=1):
                row = _row(random, filing, person, next(people), household, order)
                earlier = random.random() < FORMER_SHARE
                yield [_earlier(row), row | {"history_number": "2"}] if earlier else [row]


def layout_line(layout: Layout, row: Mapping[str, str]) -> bytes:
    """A row as a line of the file."""
    return line_of([row.get(column.name, "") for column in layout.physical])


def line_of(cells: list[str] | tuple[str, ...]) -> bytes:
    """Cells as a line of the file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()


def _row(random: Random, filing: Migration, person: MigratedPerson, number: str, household: str, order: int) -> Row:
    head = filing.persons[0].name.text
    return {
        "municipality": filing.address.municipality or "",
        "addressee_number": number.rjust(15, "0"),
        "history_number": "1",
        "history_branch": "0",
        "latest": "1",
        "deleted": "0",
        "operator": "SYN0001",
        "operated_on": str(filing.filed_on),
        "operated_at": "09:00:00",
        "household_number": household.rjust(15, "0"),
        "entry_order": str(order),
        "my_number": my_number(random),
        "resident_code": resident_code(random),
        "reason": person.resident_since_reason,
        "sex": person.sex,
        "relationship": person.relationship,
        "head_name": head,
        "resident_since_reason": person.resident_since_reason,
        "changed_on": str(filing.changed_on),
        "filed_on": str(filing.filed_on),
        **_date("birth_date", person.birth_date),
        **_date("resident_since", person.resident_since),
        **_date("address_since", person.address_since),
        **_address(filing),
        **_name(person),
        **_class(person),
    }


def _earlier(row: Row) -> Row:
    return row | {"latest": "0", "lot": "1番1号", "reason": "31"}


def _date(name: str, value: str) -> Row:
    told = to_columns(DateText(value, date_in_words(value)))
    return {name: told.date, name + UNKNOWN: told.unknown, name + NOTATION: told.notation}


def _address(filing: Migration) -> Row:
    told = _ADDRESS.fullmatch(filing.address.text)
    parts = told.groupdict() if told else {"town": filing.address.text}
    return {**parts, "postal_code": filing.address.postal_code or "", "town_code": filing.address.town_code or ""}


def _name(person: MigratedPerson) -> Row:
    if person.foreign is not None:
        return {"foreign_name": person.name.text, "foreign_kana": person.name.kana}
    family, _, given = person.name.text.partition("　")
    family_kana, _, given_kana = person.name.kana.partition("　")
    return {"family_name": family, "given_name": given, "family_kana": family_kana, "given_kana": given_kana}


def _class(person: MigratedPerson) -> Row:
    status = person.foreign
    if status is None:
        domicile, head = person.registered_domicile or "", person.domicile_head or ""
        return {"resident_class": "1", "domicile_town": domicile, "domicile_head": head}
    return {
        "resident_class": "2",
        **_date("foreign_resident_since", status.since),
        "nationality": status.nationality,
        "article_30_45_class": status.article_30_45_class,
        "residence_card_number": status.residence_card_number or "",
        "residence_status": status.residence_status or "",
    }


def _serials(first: int) -> Iterator[str]:
    bodies = (f"{serial:09d}" for serial in count(first))
    return (body + digit for body in bodies if (digit := serial_digit(body)) is not None)


Spoil = Callable[[Layout, Row], bytes]
Fault = tuple[str, str, str]


def _with(**cells: str) -> Spoil:
    return lambda layout, row: layout_line(layout, row | cells)


def _wrong_digit(name: str) -> Spoil:
    return lambda layout, row: layout_line(layout, row | {name: row[name][:-1] + str((int(row[name][-1]) + 1) % 10)})


def _bytes(spoil: Callable[[bytes], bytes]) -> Spoil:
    return lambda layout, row: spoil(layout_line(layout, row).rstrip(b"\r\n")) + b"\r\n"


def _in_name(content: bytes) -> Spoil:
    return lambda layout, row: layout_line(layout, row | {"family_name": "@@"}).replace(b"@@", content)


def _older_that_claims(layout: Layout, row: Row) -> bytes:
    return layout_line(layout, row | {"history_number": "0"})


def _too_long(layout: Layout, row: Row) -> bytes:
    return layout_line(layout, row | {"remarks": "あ" * layout.longest_line})


def _again(layout: Layout, row: Row) -> bytes:
    return layout_line(layout, row)


FAULTS: Mapping[Fault, Spoil] = MappingProxyType(
    {
        ("Shift_JIS", "INTAKE-ENCODING", "line"): _bytes(lambda line: line.decode().encode("cp932", "replace")),
        ("lone surrogate", "INTAKE-ENCODING", "line"): _in_name(b"\xed\xa0\x80"),
        ("UTF-16", "INTAKE-NUL", "line"): _bytes(lambda line: line.decode().encode("utf-16-be").replace(b"\n", b"")),
        ("NUL", "INTAKE-NUL", "line"): _in_name(b"a\0b"),
        ("open quotes", "INTAKE-QUOTES", "line"): _in_name(b'"a'),
        ("a column less", "INTAKE-COLUMNS", "line"): _bytes(lambda line: line[: line.rindex(b",")]),
        ("endless line", "INTAKE-LINE-TOO-LONG", "line"): _too_long,
        ("long name", "INTAKE-TOO-LONG", "family_name"): _with(family_name="長" * 61),
        ("no household", "INTAKE-MISSING", "household_number"): _with(household_number=""),
        ("no flag", "INTAKE-FORM", "latest"): _with(latest="x"),
        ("another city", "INTAKE-MUNICIPALITY", "municipality"): _with(municipality="142166"),
        ("no city", "ITEM-CHECK-DIGIT", "municipality"): _wrong_digit("municipality"),
        ("My Number", "ITEM-CHECK-DIGIT", "my_number"): _wrong_digit("my_number"),
        ("resident code", "ITEM-CHECK-DIGIT", "resident_code"): _wrong_digit("resident_code"),
        ("addressee number", "ITEM-CHECK-DIGIT", "addressee_number"): _wrong_digit("addressee_number"),
        ("30 February", "ITEM-IMPOSSIBLE-DATE", "address_since"): _with(
            **{"address_since": "2025-02-30", "address_since.unknown": "0", "address_since.notation": ""}
        ),
        ("filed on 31 April", "ITEM-IMPOSSIBLE-DATE", "filed_on"): _with(filed_on="2025-04-31"),
        ("words that are no date", "INTAKE-DATE", "resident_since"): _with(
            **{"resident_since": "", "resident_since.unknown": "1", "resident_since.notation": "いつか"}
        ),
        ("unknown sex", "ITEM-CODE", "sex"): _with(sex="7"),
        ("grandchild", "ITEM-RELATIONSHIP", "relationship"): _with(relationship="孫"),
        ("direction", "ITEM-UNSEEN", "name.text"): _with(
            resident_class="1", family_name="右\u202e左", given_name="花", family_kana="みぎ", given_kana="はな"
        ),
        ("removal without reason", "INTAKE-REMOVAL", "removal_reason"): _with(
            removed_on="2025-05-01", removal_filed_on="2025-05-02", removal_reason="31"
        ),
        ("the same key", "INTAKE-DUPLICATE", "history_number"): _again,
        ("two latest", "INTAKE-LATEST", "latest"): _older_that_claims,
    }
)
"""What can be planted: its name, the code and the field that the intake must tell, and how a row is spoiled."""

REPEATING = frozenset({"INTAKE-DUPLICATE", "INTAKE-LATEST"})
"""Faults of a row that stands beside a good one of the same person."""
