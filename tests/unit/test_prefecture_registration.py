"""The prefecture's checks before registration: each rule refuses by its own code, and only what it should."""

from typing import Any

import pytest

from consumers.prefecture.registration import broken_rule
from topics.messages.delivery import Delivery

CITY = "142158"
GOOD: dict[str, Any] = {
    "resident_code": "24727059608",
    "my_number": "123456789018",
    "name": "合成　花子",
    "name_gaiji": 0,
    "birth_date": "2026-05-01",
    "municipality": CITY,
    "address": "海老名市中央1番1号",
    "address_gaiji": 0,
    "relationship": "子",
    "reason": "13",
    "changed_on": "2026-05-01",
    "update_sequence": 1,
    "timestamp": "2026-05-02T09:00:00+09:00",
}


def _delivery(kind: str = "created", state: str = "active", **items: Any) -> Delivery:
    place = {"recipient": "prefecture", "municipality": CITY, "generation": 1, "number": 1, "sequence": 1}
    told = {field: value for field, value in {**GOOD, **items}.items() if value is not None}
    return Delivery.model_validate({**place, "subject": "s", "kind": kind, "state": state, "items": told})


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ({}, None),
        ({"update_sequence": 2}, "PREFECTURE-UPDATE-SEQUENCE"),
        ({"resident_code": "24727059609"}, "PREFECTURE-CHECK-DIGIT"),
        ({"my_number": "123456789012"}, "PREFECTURE-CHECK-DIGIT"),
        ({"former_resident_code": "24846016225"}, "PREFECTURE-CHECK-DIGIT"),
        ({"former_resident_code": "24846016224"}, None),
        ({"name_gaiji": 1}, "PREFECTURE-GAIJI-COUNT"),
        ({"name": "\ue000合成", "name_gaiji": 0}, "PREFECTURE-GAIJI-COUNT"),
        ({"name": "\ue000合成", "name_gaiji": 1}, None),
        ({"gaiji": False}, None),
        ({"gaiji": True}, "PREFECTURE-GAIJI-COUNT"),
        ({"name": "\ue000合成", "name_gaiji": 1, "gaiji": False}, "PREFECTURE-GAIJI-COUNT"),
        ({"record_status": "active", "planned": True}, None),
        ({"record_status": "ceased"}, "PREFECTURE-RECORD-STATUS"),
        ({"relationship": "孫"}, "PREFECTURE-RELATIONSHIP"),
        ({"relationship": "子の子"}, None),
        ({"municipality": "141003"}, "PREFECTURE-OTHER-MUNICIPALITY"),
        ({"changed_on": "2026-05-03", "birth_date": "2026-05-03"}, "PREFECTURE-CHANGE-IN-FUTURE"),
        ({"changed_on": "2026-05-03", "birth_date": "2026-05-03", "timestamp": "2026-05-02T15:30:00+00:00"}, None),
        ({"birth_date": "2026-04-30"}, "PREFECTURE-BIRTH-DATE"),
        ({"birth_date": "2026-04-30", "reason": "11"}, None),
        ({"reason": "23"}, "PREFECTURE-NOT-REMOVED"),
        ({"changed_on": "XXXX-XX-XX", "birth_date": "XXXX-XX-XX"}, None),
        (dict.fromkeys(GOOD), None),
    ],
)
def test_each_rule_refuses_by_its_code(items: dict[str, Any], code: str | None) -> None:
    assert broken_rule(_delivery(**items)) == code


def test_nobody_who_has_left_is_about_to_leave() -> None:
    left = {"state": "ceased", "reason": "21", "record_status": "ceased"}
    assert broken_rule(_delivery("ceased", **left, planned=False)) is None
    assert broken_rule(_delivery("ceased", **left, planned=True)) == "PREFECTURE-PLANNED"


@pytest.mark.parametrize("reason", ["21", "22", "92"])
def test_a_move_out_may_lie_ahead(reason: str) -> None:
    ahead = _delivery("changed", "active" if reason == "92" else "ceased", reason=reason, changed_on="2026-06-01")
    assert broken_rule(ahead) is None


@pytest.mark.parametrize("kind", ["corrected", "annulled", "snapshot"])
def test_a_state_restored_under_an_earlier_reason_is_no_removal(kind: str) -> None:
    assert broken_rule(_delivery(kind, reason="23")) is None


def test_the_format_is_told_before_the_logic() -> None:
    assert broken_rule(_delivery(my_number="123456789012", birth_date="2026-04-30")) == "PREFECTURE-CHECK-DIGIT"
