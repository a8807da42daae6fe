"""The three files item by item, as the assessment lists them, and what each item declares."""

import csv
from pathlib import Path
from typing import get_args

import pytest

from topics.items.catalogue import Blank, Catalogue, Item, ItemClass, Part
from topics.items.code_lists import code_lists, names_of
from topics.items.delivery_address import DELIVERY_ADDRESS_FILE
from topics.items.formats import FORMATS, Kind, Mark
from topics.items.identity import IDENTITY_FILE
from topics.items.resident import RESIDENT_FILE, Sex
from topics.scope import CATALOGUES

GOLDEN = Path(__file__).parents[1] / "golden" / "items"
FILES = (RESIDENT_FILE, IDENTITY_FILE, DELIVERY_ADDRESS_FILE)
by_file = pytest.mark.parametrize("catalogue", FILES, ids=lambda catalogue: str(catalogue.name))


def _parts(part: Part) -> list[Part]:
    return [part, *(deeper for inner in part.parts.values() for deeper in _parts(inner))]


@by_file
def test_numbers_and_names_are_those_of_the_assessment(catalogue: Catalogue) -> None:
    with (GOLDEN / f"{catalogue.name}.tsv").open(encoding="utf-8") as listed:
        wanted = {int(row["number"]): row["name"] for row in csv.DictReader(listed, delimiter="\t")}
    assert {number: item.name_ja for number, item in catalogue.by_number.items()} == wanted


def test_the_files_are_whole() -> None:
    assert [len(catalogue.by_number) for catalogue in FILES] == [44, 36, 61]
    assert set(CATALOGUES.values()) == set(FILES)


@by_file
def test_every_value_has_a_format_and_every_code_a_list(catalogue: Catalogue) -> None:
    for item in catalogue.by_number.values():
        for part in _parts(item.value):
            assert (part.codes in code_lists()) == (part.form.kind is Kind.CODE)
            assert bool(part.parts) == (part.form.kind is Kind.PARTS)
            assert part.form.kind is not Kind.PATTERN or part.form.pattern


@by_file
def test_every_text_has_a_greatest_length(catalogue: Catalogue) -> None:
    without = {Kind.CODE, Kind.FLAG, Kind.COUNT, Kind.LENGTH, Kind.GAIJI, Kind.POSITIONS, Kind.PARTS}
    for item in catalogue.by_number.values():
        assert all((part.max_length is None) == (part.form.kind in without) for part in _parts(item.value))


@by_file
def test_what_tells_of_a_text_names_one(catalogue: Catalogue) -> None:
    for item in catalogue.by_number.values():
        for source in filter(None, (item.value.of, item.value.original)):
            assert catalogue.by_field[source].value.form.kind in {Kind.TEXT, Kind.KANA}


def test_a_length_precedes_its_text_and_a_count_of_gaiji_follows_it() -> None:
    for number, item in DELIVERY_ADDRESS_FILE.by_number.items():
        if item.value.form.kind is Kind.LENGTH:
            assert _number(item.value.of) == number + 1
        if item.value.form.kind is Kind.GAIJI:
            assert _number(item.value.of) == number - 1


def _number(field: str | None) -> int:
    return DELIVERY_ADDRESS_FILE.by_field[field or ""].number


@pytest.mark.parametrize(
    ("catalogue", "classes"),
    [
        (RESIDENT_FILE, {2: ItemClass.RESIDENT_CODE, 3: ItemClass.NUMBER}),
        (IDENTITY_FILE, {1: ItemClass.RESIDENT_CODE, 13: ItemClass.NUMBER, 24: ItemClass.RESIDENT_CODE}),
        (DELIVERY_ADDRESS_FILE, {38: ItemClass.RESIDENT_CODE, 50: ItemClass.NUMBER}),
    ],
    ids=["resident", "identity", "delivery-address"],
)
def test_numbers_are_classified(catalogue: Catalogue, classes: dict[int, ItemClass]) -> None:
    items = catalogue.by_number.items()
    assert {n: item.item_class for n, item in items if item.item_class is not ItemClass.PLAIN} == classes


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("市町村コード　外字数", [15]),
        ("市町村コード外字数", [15]),
        ("市町村住所外字数", [15]),
        ("カード送付場所電話番号", [32]),
        ("カード送付場所郵便番号", [28, 32]),
        ("市町村コード", [9]),
        ("無い項目", []),
    ],
)
def test_slips_of_the_pen_are_found_by_either_name(name: str, numbers: list[int]) -> None:
    assert [item.number for item in DELIVERY_ADDRESS_FILE.named(name)] == numbers


def test_only_the_slips_have_another_name() -> None:
    renamed: list[Item] = [item for catalogue in FILES for item in catalogue.by_number.values() if item.aliases]
    assert [item.number for item in renamed] == [15, 32]


def test_what_the_standard_never_leaves_empty_is_declared() -> None:
    """住民記録システム標準仕様書 1.1.6."""
    never = {n for n, item in RESIDENT_FILE.by_number.items() if item.blank is not Blank.ALLOWED}
    assert {1, 2, 4, 6, 9, 14, 20, 21, 25, 28} <= never


def test_every_format_says_how_certain_it_is_and_is_used() -> None:
    used = {part.form.key for c in FILES for item in c.by_number.values() for part in _parts(item.value)}
    assert used == set(FORMATS)
    assert all(form.mark in Mark for form in FORMATS.values())


def test_the_sexes_of_the_list_are_those_of_the_wire() -> None:
    assert set(names_of("sex")) == set(get_args(Sex))
