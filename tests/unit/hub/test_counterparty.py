"""What another municipality is told: an arrival once, a planned move while it stands; router and verifier agree."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import to_json

from hub.router.protecting import never_protected, protect
from hub.router.routing import Routing
from hub.router.state import Image, Occasion
from infra.check.counterparty import since
from infra.check.entitlement import owed
from infra.check.sources import Version
from topics.declared import declared_by_recipient
from topics.grant import Grant
from topics.guarded import MyNumber, ResidentCode
from topics.messages.protection import NOT_PROTECTED, ProtectionState

GRANTS = declared_by_recipient()
ARRIVED, LEAVING = GRANTS["move-in-notice-132098"], GRANTS["move-out-certificate-132098"]
CODE, MINE = "24727059608", "123456789018"
NUMBERS = {"a" * 32: ResidentCode(CODE), "b" * 32: MyNumber(MINE)}
PLAIN = {"a" * 32: CODE, "b" * 32: MINE}
WHO = "1000000018"
THERE, ELSEWHERE = ({"text": "合成市", "municipality": code} for code in ("132098", "271004"))
CAME = {"moved_in_from": THERE}
GOES = {"planned_move_out": {"planned_on": "2026-04-01", "to": THERE}}
BLOCKED = ProtectionState(status="provisional", level="address", begins_on="2026-03-01")

Step = tuple[str, dict[str, Any] | None, int | None]
"""Kind of change, what the record then says beside the plain items (None: no record), what is referred to."""


def _record(told: dict[str, Any]) -> dict[str, Any]:
    plain = {
        "addressee_number": WHO, "household_number": "1000000026", "name": {"text": "合成　太郎", "kana": "ごうせい"},
        "birth_date": "1980-02-29", "sex": "1", "resident_since": "2026-03-28", "resident_since_reason": "11",
        "resident_class": "japanese", "address": {"text": "海老名市中央1番1号", "municipality": "142158"},
        "address_since": "2026-03-28", "resident_code": "a" * 32, "my_number": "b" * 32,
    }  # fmt: skip
    return plain | told


def _image(number: int, told: dict[str, Any] | None) -> Image:
    if told is None:
        return Image(WHO, number, "absent", None)
    state = told.get("state", "active")
    return Image(WHO, number, state, _record({name: value for name, value in told.items() if name != "state"}))


def _routing(*, protected: bool | None = False) -> Routing:
    routing = Routing("142158", b"k" * 32, lambda _, who: who, dict.fromkeys(GRANTS, 0), dict.fromkeys(GRANTS, 1),
                      numbers=NUMBERS)  # fmt: skip
    if protected is False:
        never_protected(routing, WHO)
    elif protected:
        routing.protections[WHO] = BLOCKED
    return routing


def _told(grant: Grant, steps: Sequence[Step], routing: Routing | None = None) -> list[tuple[str, str]]:
    routing = routing or _routing()
    for number, (kind, told, refers_to) in enumerate(steps, start=1):
        routing.route_group(grant, [(_image(number, told), Occasion(kind, refers_to=refers_to))])
    return [(each.delivery.kind.value, each.delivery.state.value) for each in routing.routed]


def _history(steps: Sequence[Step]) -> list[Version]:
    versions = []
    for number, (kind, told, refers_to) in enumerate(steps, start=1):
        image = _image(number, told)
        json = None if image.record is None else to_json(image.record)
        now = datetime(2026, 4, 1, tzinfo=UTC)
        versions.append(Version(number, number, image.state, json, UUID(int=number), kind, "11", now, refers_to))
    return versions


MOVED = CAME | {"address": {"text": "海老名市上郷2番2号", "municipality": "142158"}}
NAMED = CAME | {"name": {"text": "合成　次郎", "kana": "ごうせい"}}
GONE = {"state": "ceased"}
CASES: dict[str, tuple[Grant, list[Step], list[tuple[str, str]]]] = {
    "came": (ARRIVED, [("created", CAME, None)], [("created", "active")]),
    "came from elsewhere": (ARRIVED, [("created", {"moved_in_from": ELSEWHERE}, None)], []),
    "born here": (ARRIVED, [("created", {}, None)], []),
    "moves within": (ARRIVED, [("created", CAME, None), ("changed", MOVED, None)], [("created", "active")]),
    "dies": (ARRIVED, [("created", CAME, None), ("ceased", CAME | GONE, None)], [("created", "active")]),
    "entry corrected": (
        ARRIVED,
        [("created", CAME, None), ("corrected", NAMED, 1)],
        [("created", "active"), ("corrected", "active")],
    ),
    "corrected after a move": (
        ARRIVED,
        [("created", CAME, None), ("changed", MOVED, None), ("corrected", MOVED | NAMED | MOVED, 1)],
        [("created", "active")],
    ),
    "another thing corrected": (
        ARRIVED,
        [("created", CAME, None), ("changed", MOVED, None), ("corrected", CAME, 2)],
        [("created", "active")],
    ),
    "never came": (
        ARRIVED,
        [("created", CAME, None), ("annulled", None, 1)],
        [("created", "active"), ("annulled", "absent")],
    ),
    "return annulled": (
        ARRIVED,
        [("created", {}, None), ("ceased", GONE, None), ("created", CAME, None), ("annulled", GONE, 3)],
        [("created", "active"), ("annulled", "absent")],
    ),
    "comes twice": (
        ARRIVED,
        [("created", CAME, None), ("ceased", CAME | GONE, None), ("created", NAMED, None)],
        [("created", "active"), ("created", "active")],
    ),
    "announced": (LEAVING, [("created", {}, None), ("changed", GOES, None)], [("created", "active")]),
    "announced and named anew": (
        LEAVING,
        [("created", {}, None), ("changed", GOES, None), ("changed", NAMED | GOES, None)],
        [("created", "active")],
    ),
    "gone": (
        LEAVING,
        [("created", {}, None), ("changed", GOES, None), ("ceased", GOES | GONE, None)],
        [("created", "active")],
    ),
    "stays": (
        LEAVING,
        [("created", {}, None), ("changed", GOES, None), ("annulled", {}, 2)],
        [("created", "active"), ("annulled", "absent")],
    ),
    "stays and goes after all": (
        LEAVING,
        [("created", {}, None), ("changed", GOES, None), ("annulled", {}, 2), ("changed", GOES, None)],
        [("created", "active"), ("annulled", "absent"), ("snapshot", "active")],
    ),
    "removal annulled": (
        LEAVING,
        [("created", {}, None), ("changed", GOES, None), ("ceased", GOES | GONE, None), ("annulled", GOES, 3)],
        [("created", "active")],
    ),
    "goes elsewhere": (
        LEAVING,
        [("created", {}, None), ("changed", {"planned_move_out": {"planned_on": "x", "to": ELSEWHERE}}, None)],
        [],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_router_and_verifier_tell_a_counterparty_the_same(case: str) -> None:
    grant, steps, expected = CASES[case]
    assert _told(grant, steps) == expected
    assert [state.state for state in owed(grant, _history(steps), PLAIN)] == [state for _, state in expected]


@pytest.mark.parametrize(
    ("grant", "mine"), [(ARRIVED, False), (LEAVING, True)], ids=["move-in-notice", "move-out-certificate"]
)
def test_each_purpose_has_its_own_items(grant: Grant, mine: bool) -> None:
    routing = _routing()
    routing.route_group(grant, [(_image(1, CAME | GOES), Occasion("created"))])
    items = routing.routed[0].delivery.items
    assert items["resident_code"] == CODE
    assert ("my_number" in items) == mine
    assert not {"addressee_number", "household_number", "remarks"} & set(items)


@pytest.mark.parametrize("protected", [True, None], ids=["blocked", "unknown"])
@pytest.mark.parametrize("grant", [ARRIVED, LEAVING], ids=["move-in-notice", "move-out-certificate"])
def test_no_address_of_a_protected_person_goes_to_another_municipality(grant: Grant, protected: bool | None) -> None:
    routing = _routing(protected=protected)
    routing.route_group(grant, [(_image(1, CAME | GOES), Occasion("created"))])
    (delivery,) = [each.delivery for each in routing.routed]
    assert "海老名市" not in str(delivery.items)
    assert "合成市" not in str(delivery.items)
    assert delivery.protection is None
    protect(routing, [grant], _image(1, CAME | GOES), NOT_PROTECTED, 2)
    shown = "海老名市" in str(routing.routed[-1].delivery.items)
    assert shown == (grant is LEAVING)  # what she does here later is nothing to whom she left


def test_what_was_told_of_an_address_is_recalled_when_a_protection_begins() -> None:
    routing = _routing()
    routing.route_group(ARRIVED, [(_image(1, CAME), Occasion("created"))])
    protect(routing, [ARRIVED], _image(1, CAME), BLOCKED, 2)
    assert [each.delivery.kind for each in routing.routed] == ["created", "recall"]
    assert routing.routed[-1].delivery.recalled == ("address", "moved_in_from")


def test_who_gave_a_notice_up_is_not_told_where_the_person_lives_now() -> None:
    routing = _routing()
    routing.route_group(ARRIVED, [(_image(1, CAME), Occasion("created"))])
    place = (ARRIVED.recipient, WHO)
    routing.followed[place] = replace(routing.followed[place], digest=None, refused=(1,))
    routing.tell_anew(ARRIVED, _image(2, MOVED))
    assert [each.delivery.kind for each in routing.routed] == ["created", "tombstone"]


def test_a_notice_is_not_told_anew_and_a_planned_move_is() -> None:
    routing = _routing()
    for grant in (ARRIVED, LEAVING):
        routing.route_group(grant, [(_image(1, CAME | GOES), Occasion("created"))])
        routing.retell(grant, _image(2, MOVED | GOES))
    told = [(each.grant.recipient, each.delivery.kind.value) for each in routing.routed]
    assert told == [(ARRIVED.recipient, "created"), (LEAVING.recipient, "created"), (LEAVING.recipient, "snapshot")]


@pytest.mark.parametrize(("grant", "numbers"), [(ARRIVED, [3]), (LEAVING, [2, 3])])
def test_of_what_was_before_it_began_a_counterparty_is_owed_the_present_alone(grant: Grant, numbers: list[int]) -> None:
    history = _history([("created", CAME, None), ("changed", GOES, None), ("changed", GOES, None)])
    assert [version.history_number for version in since(grant, history, began=3)] == numbers
