"""The resident code changes: the old one's updates end, the new one's begin; the deliveries' sequence goes on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic_core import to_json

from hub.router.former_code import with_former_code
from hub.router.routing import Routing
from hub.router.state import Image
from infra.check.former_code import formerly
from infra.check.streams import Sent
from infra.check.update_sequence import of_updates
from tests.unit.hub.protected import GRANTS, RESIDENT_CODE, WHO, change, image, routing, told
from topics.guarded import ResidentCode
from topics.messages.delivery import Delivery

OTHER = "c" * 32
OLD, NEW = "24727059608", "24846016224"
PLACE = ("prefecture", WHO)


def _routing() -> Routing:
    made = routing()
    made.numbers = {**made.numbers, OTHER: ResidentCode(NEW)}
    return made


def _under(code: str, history_number: int, before: Image | None = None, sex: str = "1") -> Image:
    person = image(history_number, resident_code=code, sex=sex)
    earlier = None if before is None else before.record
    return replace(person, record=with_former_code(earlier, person.record, f"2026-05-0{history_number}"))


def _sequences(deliveries: Sequence[Delivery]) -> list[tuple[Any, ...]]:
    fields = ("resident_code", "update_sequence", "abnormal_update_sequence", "former_resident_code")
    return [(each.sequence, *(each.items.get(name) for name in fields)) for each in deliveries]


def _verified(deliveries: Sequence[Delivery]) -> list[object]:
    return list(of_updates(GRANTS["prefecture"], [Sent(d.number, d.sequence, d.to_wire()) for d in deliveries]))


def test_the_old_code_ends_the_new_one_begins_and_what_came_back_goes_on() -> None:
    made, first = _routing(), _under(RESIDENT_CODE, 1)
    moved = _under(RESIDENT_CODE, 2, first, sex="2")
    changed = _under(OTHER, 3, moved, sex="2")
    amended = _under(OTHER, 4, changed, sex="1")
    restored = _under(RESIDENT_CODE, 5, amended, sex="1")
    for person in (first, moved, changed, amended, restored):
        change(made, person, "prefecture")
    deliveries = told(made, "prefecture")
    assert _sequences(deliveries) == [
        (1, OLD, 1, None, None),
        (2, OLD, 2, None, None),
        (3, NEW, 1, None, OLD),
        (4, NEW, 2, None, OLD),
        (5, OLD, 3, None, NEW),
    ]
    assert [d.items.get("resident_code_since") for d in deliveries[-3:]] == ["2026-05-03", "2026-05-03", "2026-05-05"]
    assert _verified(deliveries) == []


def test_what_stands_for_a_refused_delivery_is_no_update_but_the_first_of_a_code_is() -> None:
    made, first = _routing(), _under(RESIDENT_CODE, 1)
    change(made, first, "prefecture")
    made.followed[PLACE] = replace(made.followed[PLACE], refused=(1,), digest=None)
    made.enter(GRANTS["prefecture"], first)
    change(made, _under(OTHER, 2, first), "prefecture")
    made.followed[PLACE] = replace(made.followed[PLACE], refused=())
    change(made, _under(OTHER, 3, _under(OTHER, 2, first), sex="2"), "prefecture")
    deliveries = told(made, "prefecture")
    assert [each[:4] for each in _sequences(deliveries)] == [
        (1, OLD, 1, None), (2, OLD, 1, 1), (3, NEW, 1, None), (4, NEW, 2, None)
    ]  # fmt: skip
    assert _verified(deliveries) == []


@pytest.mark.parametrize(
    "broken", [{"update_sequence": 3}, {"abnormal_update_sequence": 1}, {"resident_code": NEW}], ids=str
)
def test_the_verifier_sees_an_update_that_does_not_follow(broken: dict[str, Any]) -> None:
    items = [{"resident_code": OLD, "update_sequence": 1}, {"resident_code": OLD, "update_sequence": 2} | broken]
    chain = [Sent(n, n, to_json({"items": told})) for n, told in enumerate(items, start=1)]
    assert len(list(of_updates(GRANTS["prefecture"], chain))) == 1


def test_who_has_no_code_is_counted_under_none() -> None:
    made = _routing()
    change(made, _under(RESIDENT_CODE, 1), "prefecture")
    codeless = image(2, address="海老名市中央2番2号")
    assert codeless.record is not None
    del codeless.record["resident_code"]
    change(made, codeless, "prefecture")
    assert "update_sequence" not in told(made, "prefecture")[-1].items


HISTORIES = [
    ["a", "a", "b", "b", "c"],
    ["a", "b", "a"],
    [None, "a", None, "b"],
    ["a", None, "a", "b"],
    ["z", "a", None, "a"],
    ["a", "b", "absent", "b", "c"],
]


@pytest.mark.parametrize("codes", HISTORIES, ids=str)
def test_hub_and_verifier_agree_which_code_was_before(codes: list[str | None]) -> None:
    record: dict[str, Any] | None = None
    seen = []
    for day, code in enumerate(codes):
        after = None if code == "absent" else {"resident_code": code} if code else {}
        record = with_former_code(record, after, str(day))
        former = None if record is None else record.get("former_resident_code")
        seen.append(None if former is None else (former, (record or {})["resident_code_since"]))
    states = [
        ("absent", None, str(day)) if code == "absent" else ("active", code, str(day)) for day, code in enumerate(codes)
    ]
    assert list(formerly(states)) == seen
