"""The residents of a synthetic city as rows of a register system's file, and rows as its lines."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from random import Random

from producers.intake.layout import NOTATION, UNKNOWN, Layout
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


def line_of(cells: Sequence[str]) -> bytes:
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
