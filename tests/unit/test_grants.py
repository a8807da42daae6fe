"""What keeps a grant from being in force, and when it is wider than another."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from topics.catalogue import desired
from topics.declared import SHIPPED, declared_by_recipient, declared_grants, grants_in_force
from topics.grant import Grant, parse_grant
from topics.messages.inbound import Message
from topics.obstacles import Code, obstacles
from topics.scope import RECEIVING, Scope

TODAY = date(2026, 11, 24)
WELFARE = declared_by_recipient()["welfare"]
PREFECTURE = declared_by_recipient()["prefecture"]
HALT = {"by": "privacy-officer-1", "since": "2026-06-01", "reason": "synthetic"}
INTERMEDIATE = declared_by_recipient()["intermediate"]
HOUR, HALF_HOUR = ({"window_minutes": minutes, "limit_minutes": 120} for minutes in (60, 30))
TELLS_ALL = {"told": "level-and-period"}
WITH_NUMBER: dict[str, Any] = {"items": (*WELFARE.items, 3), "numbers": {"my_number": True, "need": "synthetic need"}}


def _changed(grant: Grant, *, review: Mapping[str, Any] | None = None, **changes: Any) -> Grant:
    """`grant` with `changes`, and as if these had been reviewed, unless the review itself is changed."""
    raw = grant.model_dump() | changes
    scope = {name: raw[name] for name in Scope.model_fields}
    raw["review"] = raw["review"] | {"scope": scope} | dict(review) if review is not None else raw["review"]
    return Grant.model_validate(raw)


def _codes(grant: Grant, today: date = TODAY) -> list[Code]:
    return [obstacle.code for obstacle in obstacles(grant, today)]


@pytest.mark.parametrize(
    ("grant", "codes"),
    [
        (WELFARE, []),
        (WELFARE.model_copy(update={"review": None}), [Code.UNREVIEWED]),
        (_changed(WELFARE, review={"decision": "refused"}), [Code.REFUSED]),
        (_changed(WELFARE, review={"reviewer": "welfare-office-1"}), [Code.OWN_REVIEW]),
        (_changed(WELFARE, suspended=HALT), [Code.SUSPENDED]),
        (_changed(WELFARE, ended=HALT), [Code.ENDED]),
        (_changed(WELFARE, items=(*WELFARE.items, 26)), [Code.BEYOND_REVIEW, Code.BEYOND_BASIS]),
        (_changed(WELFARE, review={}, items=(*WELFARE.items, 26)), [Code.BEYOND_BASIS]),
        (_changed(WELFARE, review={}, delivery_fields=("operator",)), [Code.BEYOND_BASIS]),
        (_changed(WELFARE, review={}, delivery_fields=("reason",)), []),
        (_changed(WELFARE, review={}, legal_basis=("unknown",)), [Code.NO_BASIS, Code.BEYOND_BASIS]),
        (_changed(WELFARE, review={}, legal_basis=("number-act-9-schedule-1",)), [Code.NO_BASIS, Code.BEYOND_BASIS]),
        (_changed(WELFARE, review={}, legal_basis=("juki-act-30-6",)), [Code.NO_BASIS, Code.BEYOND_BASIS]),
        (_changed(WELFARE, **WITH_NUMBER), [Code.BEYOND_REVIEW]),
        (_changed(WELFARE, review={}, **WITH_NUMBER), []),
        (_changed(WELFARE, review={}, **WITH_NUMBER | {"numbers": {"my_number": True}}), [Code.NUMBER_WITHOUT_NEED]),
        (_changed(WELFARE, review={}, **WITH_NUMBER | {"numbers": {}}), [Code.NUMBER_WITHOUT_NEED]),
        (_changed(INTERMEDIATE, review={}, timing=None), [Code.JOINABLE]),
        (_changed(INTERMEDIATE, timing=HALF_HOUR), [Code.BEYOND_REVIEW]),
        (_changed(WELFARE, review={}, timing=HOUR), [Code.JOINABLE]),
        (_changed(INTERMEDIATE, review={}, protection=TELLS_ALL), [Code.BEYOND_BASIS]),
        (_changed(PREFECTURE, review={}, protection={"told": "flag"}), [Code.BEYOND_BASIS]),
        (_changed(INTERMEDIATE, protection=TELLS_ALL), [Code.BEYOND_REVIEW, Code.BEYOND_BASIS]),
        (_changed(WELFARE, protection={}), []),
        (_changed(WELFARE, review={}, timing=HOUR, groups=False), []),
        (_changed(INTERMEDIATE, may_send=("functional-error",)), [Code.BEYOND_REVIEW]),
        (_changed(INTERMEDIATE, review={}, may_send=("functional-error",)), []),
        (_changed(WELFARE, review={}, may_send=("functional-error",)), [Code.TELLS_POPULATION]),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, list) else "",
)
def test_obstacles_are_all_told(grant: Grant, codes: list[Code]) -> None:
    assert _codes(grant) == codes


def test_a_number_needs_a_legal_basis_that_allows_it() -> None:
    items = (*INTERMEDIATE.items, 3)
    numbered = _changed(INTERMEDIATE, review={}, items=items, numbers=WITH_NUMBER["numbers"])
    assert _codes(numbered) == [Code.BEYOND_BASIS, Code.NUMBER_NOT_ALLOWED]


@pytest.mark.parametrize(("today", "code"), [(date(2026, 3, 31), Code.NOT_YET), (date(2031, 4, 1), Code.EXPIRED)])
def test_a_grant_holds_within_its_dates_only(today: date, code: Code) -> None:
    assert _codes(WELFARE, today) == [code]


def test_a_grant_not_in_force_yields_no_topic_and_no_right() -> None:
    assert grants_in_force(date(2035, 1, 1)) == ()
    assert {acl.principal for acl in desired((), "", 1).acls} == {"hub", "register", "ops", "desk", "analysis"}


@pytest.mark.parametrize(
    ("changes", "wider"),
    [
        ({}, []),
        ({"items": WELFARE.items[:5], "triggers": WELFARE.triggers[:3]}, []),
        ({"groups": False, "valid_to": date(2027, 3, 31)}, []),
        ({"items": (*WELFARE.items, 2, 3)}, ["items 2, 3"]),
        ({"triggers": (1,), "delivery_fields": ("dates", "reason")}, ["delivery fields dates, reason"]),
        ({"numbers": {"my_number": True, "resident_code": True}}, ["my number", "resident code"]),
        ({"population": "all"}, ["population all"]),
        ({"may_send": ("functional-error",)}, ["may send functional-error"]),
        ({"purpose": "another"}, ["another purpose"]),
        ({"identifier": "link-number"}, ["another identifier"]),
        ({"valid_to": date(2040, 1, 1)}, ["dates"]),
    ],
)
def test_wider_and_narrower(changes: dict[str, Any], wider: list[str]) -> None:
    scope = Scope.model_validate(WELFARE.scope().model_dump() | changes)
    assert scope.beyond(WELFARE.scope()) == wider


@pytest.mark.parametrize(
    ("grant", "admitted"),
    [
        (WELFARE, {*RECEIVING, "interest"}),
        (PREFECTURE, {*RECEIVING, "functional-error"}),
        (INTERMEDIATE, {"acknowledgement", "resend", "redelivery", "discard"}),
    ],
    ids=lambda value: value.recipient if isinstance(value, Grant) else "",
)
def test_a_recipient_may_send_what_is_declared_and_no_other_type(grant: Grant, admitted: set[str]) -> None:
    types = {each.model_fields["type"].default for each in get_args(Message)}
    assert {message_type for message_type in types if grant.admits(message_type)} == admitted


@pytest.mark.parametrize(
    ("approved", "timing", "wider"),
    [
        (HALF_HOUR, HOUR, []),
        (HOUR, HALF_HOUR, ["a shorter window"]),
        (HOUR, None, ["no window"]),
        (None, HOUR, []),
    ],
)
def test_a_shorter_window_is_wider(approved: Any, timing: Any, wider: list[str]) -> None:
    asked, granted = (Scope.model_validate(WELFARE.scope().model_dump() | {"timing": t}) for t in (timing, approved))
    assert asked.beyond(granted) == wider


@pytest.mark.parametrize(
    ("approved", "asked", "wider"),
    [
        ({}, {"while_blocked": "send"}, ["items sent while blocked"]),
        ({"while_blocked": "send"}, {}, []),
        ({}, {"withheld_items": (14,)}, ["items 15, 16, 17 not withheld"]),
        ({"withheld_items": (14,)}, {}, []),
        ({}, {"withheld_items": (5, 14, 15, 16, 17)}, []),
        ({}, {"told": "flag"}, ["protection told: flag"]),
        ({"told": "level-and-period"}, {"told": "flag"}, []),
        ({}, {"recall_hours": 25}, ["a longer time to answer a recall"]),
        ({"recall_hours": 25}, {}, []),
    ],
)
def test_showing_more_of_the_protected_is_wider(
    approved: dict[str, Any], asked: dict[str, Any], wider: list[str]
) -> None:
    proposed, granted = (
        Scope.model_validate(WELFARE.scope().model_dump() | {"protection": rule}) for rule in (asked, approved)
    )
    assert proposed.beyond(granted) == wider


def test_a_grant_that_says_nothing_of_protections_shows_no_address_and_tells_nothing() -> None:
    rule = Scope.model_validate(WELFARE.scope().model_dump(exclude={"protection"}))
    assert rule.withheld_fields() == ("address", "address_since", "address_since_filed_on", "previous_address")
    assert (rule.protection.while_blocked, rule.protection.told) == ("withhold", "none")
    identity = Scope.model_validate(PREFECTURE.scope().model_dump(exclude={"protection"}))
    assert identity.withheld_items() == {8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 32}


def test_withheld_items_are_numbers_of_the_catalogue() -> None:
    with pytest.raises(ValueError, match="withheld_items"):
        Scope.model_validate(WELFARE.scope().model_dump() | {"protection": {"withheld_items": (45,)}})


@pytest.mark.parametrize(
    "timing",
    [
        {"window_minutes": 4, "limit_minutes": 10},
        {"window_minutes": 1441, "limit_minutes": 2000},
        {"window_minutes": 60, "limit_minutes": 59},
    ],
)
def test_a_window_has_its_bounds(timing: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="_minutes"):
        Scope.model_validate(WELFARE.scope().model_dump() | {"timing": timing})


def test_everybody_is_wider_than_some_and_some_not_wider_than_everybody() -> None:
    everybody = Scope.model_validate(WELFARE.scope().model_dump() | {"population": "all"})
    assert WELFARE.scope().beyond(everybody) == []
    assert PREFECTURE.scope().beyond(WELFARE.scope()) != []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"items": "items: [1, 45]"}, "items"),
        ({"triggers": "triggers: [44]"}, "triggers"),
        ({"purpose": "porpoise: x"}, "purpose: Field required"),
        ({"valid_to": "valid_to: 2020-01-01"}, "valid_to"),
        ({"request": "request: {"}, "not YAML"),
    ],
)
def test_what_is_not_a_grant_is_refused_by_field_and_rule(change: dict[str, str], rule: str) -> None:
    lines = (SHIPPED / "welfare.yaml").read_text(encoding="utf-8").splitlines()
    text = "\n".join(change.get(line.partition(":")[0], line) for line in lines)
    with pytest.raises(ValueError, match=rule):
        parse_grant(text, "welfare.yaml")


def test_a_file_is_called_after_its_recipient_and_read_anew_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "welfare.yaml"
    file.write_bytes((SHIPPED / "welfare.yaml").read_bytes())
    assert [grant.recipient for grant in grants_in_force(TODAY, tmp_path)] == ["welfare"]
    file.write_text(file.read_text(encoding="utf-8") + "\nsuspended: {by: a, since: 2026-06-01, reason: x}\n", "utf-8")
    assert grants_in_force(TODAY, tmp_path) == ()
    file.rename(tmp_path / "prefecture.yaml")
    with pytest.raises(ValueError, match="called after its recipient"):
        declared_grants(tmp_path)
