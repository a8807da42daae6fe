"""Filings as the counter hands them in: what is malformed is refused by field and rule, and never quoted."""

import json

import pytest

from producers.register.filings import parse_filing
from producers.register.findings import FilingRefusedError, Rule
from producers.register.numbers import without_numbers
from producers.register.serials import numbered
from producers.relay.contiguous import PositionGapError, contiguous
from tests.unit.register.counter import AWAY, HOME, MY_NUMBER, RESIDENT_CODE, Counter, person
from topics.check_digits import is_serial
from topics.relationship import is_relationship

MALFORMED = {
    "a wrong check digit of My Number": ({"my_number": "123456789017"}, "persons.0.my_number"),
    "a wrong check digit of a resident code": ({"resident_code": "24727059601"}, "persons.0.resident_code"),
    "full-width digits": ({"my_number": "１２３４５６７８９０１８"}, "persons.0.my_number"),
    "a date with a 13th month": ({"birth_date": "1980-13-01"}, "persons.0.birth_date"),
    "a forbidden relationship": ({"relationship": "孫"}, "persons.0.relationship"),
    "an unknown sex": ({"sex": "3"}, "persons.0.sex"),
    "an unknown field": ({"tail": "x"}, "persons.0.tail"),
}


def _move_in(**items: object) -> dict[str, object]:
    told: dict[str, object] = {
        "kind": "move-in-domestic",
        "filing_id": "7b2c6a1e-4a55-4c8a-9c1e-0123456789ab",
        "operator": "synthetic-1",
        "filed_on": "2026-04-01",
        "changed_on": "2026-04-01",
        "origin": AWAY,
        "address": HOME,
        "persons": [person()],
    }
    return told | items


def test_neither_an_unknown_kind_nor_an_unknown_name_is_quoted() -> None:
    for text in ({"kind": MY_NUMBER}, _move_in(**{MY_NUMBER: "1"}), _move_in(filing_id=MY_NUMBER)):
        with pytest.raises(FilingRefusedError) as refusal:
            parse_filing(json.dumps(text))
        assert MY_NUMBER not in f"{refusal.value} {refusal.value.field}"


@pytest.mark.parametrize("case", MALFORMED)
def test_the_malformed_is_refused_by_field_and_not_quoted(case: str) -> None:
    items, field = MALFORMED[case]
    with pytest.raises(FilingRefusedError) as refusal:
        parse_filing(json.dumps(_move_in(persons=[person(**items)])))
    assert (refusal.value.rule, refusal.value.field) == (Rule.FORMAT, f"move-in-domestic.{field}".partition(".")[2])
    assert not [value for value in items.values() if len(value) > 1 and value in str(refusal.value)]


@pytest.mark.parametrize("text", ["", "[]", '{"kind": "wedding"}', "{", '{"kind": "death"}'])
def test_what_is_no_filing_is_refused(text: str) -> None:
    with pytest.raises(FilingRefusedError) as refusal:
        parse_filing(text)
    assert refusal.value.rule is Rule.FORMAT


def test_a_provisional_filing_is_kept_without_numbers() -> None:
    filing = Counter().filing(
        "move-in-domestic",
        origin=AWAY,
        address=HOME,
        persons=[person(my_number=MY_NUMBER, resident_code=RESIDENT_CODE)],
    )
    kept = without_numbers(filing)
    assert MY_NUMBER not in kept and RESIDENT_CODE not in kept
    assert parse_filing(kept).filing_id == filing.filing_id


@pytest.mark.parametrize(
    "text", ["世帯主", "妻", "妻（未届）", "子の子", "子の子の子の子", "妻の母", "縁故者", "同居人"]
)
def test_relationships(text: str) -> None:
    assert is_relationship(text)


@pytest.mark.parametrize("text", ["", "孫", "祖父", "子の子の子の子の子", "世帯主の子", "の", "子の", "同居人の子"])
def test_words_that_are_no_relationships(text: str) -> None:
    assert not is_relationship(text)


def test_serials_without_a_check_digit_are_skipped() -> None:
    numbers = numbered(range(100_000_000, 100_000_110))
    assert len(numbers) == 100
    assert all(map(is_serial, numbers))


def test_the_relay_sends_what_follows_without_a_gap() -> None:
    assert contiguous([], 4) == 0
    assert contiguous([5, 6, 8], 4) == 2
    with pytest.raises(PositionGapError):
        contiguous([6], 4)
