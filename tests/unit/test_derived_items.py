"""Which items of another file tell an item of file 1."""

import pytest

from topics.items.derived import telling
from topics.items.identity import IDENTITY_FILE
from topics.items.resident import RESIDENT_FILE


@pytest.mark.parametrize(
    ("item", "expected"),
    [(3, {13}), (2, {1, 24, 25}), (5, {2, 3, 4, 5}), (6, {6}), (42, set())],
    ids=["My Number", "resident code", "name", "birth date", "image of the seal"],
)
def test_an_item_of_file_1_is_told_by_items_of_file_2(item: int, expected: set[int]) -> None:
    assert telling("identity", item) == expected


def test_file_1_tells_its_own_items() -> None:
    assert all(telling("resident", number) == {number} for number in RESIDENT_FILE.by_number)


def test_every_item_of_file_2_about_the_person_is_told_by_some_item_of_file_1() -> None:
    told = frozenset().union(*(telling("identity", number) for number in RESIDENT_FILE.by_number))
    of_the_sending = {"reason", "changed_on", "reason_detail", "request_number", "operator", "terminal",
                      "update_sequence", "abnormal_update_sequence", "update_forbidden", "exclusive", "gaiji",
                      "record_status", "timestamp"}  # fmt: skip
    assert {IDENTITY_FILE.by_number[number].field for number in set(IDENTITY_FILE.by_number) - told} == of_the_sending


@pytest.mark.parametrize(
    ("item", "expected"),
    [(3, {50}), (2, {38}), (5, {6, 7, 8, *range(39, 44), 54, 55, 58}), (7, {49}), (42, set())],
    ids=["My Number", "resident code", "name", "sex", "image of the seal"],
)
def test_an_item_of_file_1_is_told_by_items_of_file_3(item: int, expected: set[int]) -> None:
    assert telling("delivery-address", item) == expected
