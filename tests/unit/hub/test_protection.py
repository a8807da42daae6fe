"""What each recipient is told of a protected person: block first, address never before it, nothing by a date."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hub.protection.holders import holders
from hub.router.protecting import never_protected
from hub.router.protection import told_of, withheld_fields
from hub.router.state import Recall
from infra.check import protection as derived
from tests.unit.hub.protected import (
    BEGUN,
    DECIDED,
    GRANTS,
    OVER,
    SILENT,
    WHO,
    change,
    image,
    routing,
    state,
    step,
    told,
)
from topics.messages.delivery import DeliveryKind
from topics.messages.protection import NOT_PROTECTED, ProtectionState

OLD, NEW = image(), image(2, "海老名市上郷2番2号")
PROVISIONAL = ProtectionState(status="provisional", level="address", begins_on=BEGUN)
FULL = ProtectionState(status="full", level="address", begins_on=DECIDED, ends_on=OVER)
ENDED = ProtectionState(status="ended", level="address", begins_on=DECIDED, ends_on=date(2026, 9, 1))
STATES = (None, NOT_PROTECTED, PROVISIONAL, FULL, ENDED, state("provisional", "record"), state("full", "record"))
WINDOW = {"intermediate": datetime(2026, 4, 1, 10, tzinfo=UTC)}


def test_a_block_is_told_before_the_new_address_and_an_end_by_hand_after_it() -> None:
    made = routing()
    change(made, OLD, kind="created")
    step(made, OLD, PROVISIONAL)
    change(made, NEW)
    step(made, NEW, ENDED)
    for recipient in ("welfare", "intermediate"):
        deliveries = told(made, recipient)
        assert [d.kind for d in deliveries] == ["created", "block", "changed", "block"]
        assert [d.protection.blocked for d in deliveries if d.protection] == [False, True, True, False]
        assert not deliveries[1].items and deliveries[2].items["address"] == (NEW.record or {})["address"]


def test_a_block_that_stands_for_a_refused_state_is_followed_by_that_state() -> None:
    made = routing()
    change(made, OLD, "welfare", kind="created")
    made.followed["welfare", WHO] = replace(made.followed["welfare", WHO], refused=(1,))
    step(made, OLD, PROVISIONAL, "welfare")
    created, block, anew = told(made, "welfare")
    assert (block.kind, block.supersedes, anew.kind) == ("block", (1,), "snapshot")
    assert anew.items == created.items
    assert anew.protection == block.protection


def test_welfare_is_told_level_and_period_and_the_linkage_server_that_it_must_not_answer() -> None:
    made = routing()
    change(made, OLD, kind="created")
    step(made, OLD, PROVISIONAL)
    step(made, OLD, FULL)
    period = {"begins_on": DECIDED, "ends_on": OVER}
    assert [d.protection and d.protection.model_dump(exclude_none=True) for d in told(made, "welfare")[1:]] == [
        {"blocked": True, "status": "provisional", "level": "address", "begins_on": BEGUN},
        {"blocked": True, "status": "full", "level": "address", **period},
    ]
    assert [d.protection and d.protection.model_dump(exclude_none=True) for d in told(made, "intermediate")] == [
        {"blocked": False}, {"blocked": True},
    ]  # fmt: skip


def test_the_prefecture_cannot_see_that_somebody_is_protected() -> None:
    protected, plain = routing(), routing()
    for made in (protected, plain):
        change(made, OLD, kind="created")
        if made is protected:
            step(made, OLD, PROVISIONAL)
            step(made, OLD, state("full", "record"))
        change(made, NEW)
        if made is protected:
            step(made, NEW, ENDED)
    seen, expected = (
        [d.model_dump(exclude={"group"}) for d in told(made, "prefecture")] for made in (protected, plain)
    )
    assert seen == expected
    assert len(told(plain, "prefecture")) == 2


def test_who_is_granted_nothing_of_it_gets_no_address_and_gives_back_the_one_it_has() -> None:
    made = routing()
    change(made, OLD, "library", kind="created")
    step(made, OLD, PROVISIONAL, "library")
    change(made, image(2, "海老名市上郷2番2号"), "library")
    change(made, image(3, "海老名市上郷2番2号", sex="9"), "library")
    step(made, image(3, "海老名市上郷2番2号", sex="9"), ENDED, "library")
    deliveries = told(made, "library")
    assert [d.kind for d in deliveries] == ["created", "recall", "changed", "changed", "changed"]
    assert ["address" in d.items for d in deliveries] == [True, False, False, False, True]
    assert deliveries[1].recalled == ("address", "address_since", "address_since_filed_on", "previous_address")
    assert not [d for d in deliveries if d.protection is not None]


def test_a_blocked_record_leaves_the_number_by_which_the_person_is_known() -> None:
    made = routing()
    change(made, OLD, "library", kind="created")
    step(made, OLD, state("provisional", "record"), "library")
    assert set(told(made, "library")[-1].items) == {"addressee_number"}


def test_who_is_unknown_is_protected_until_somebody_says_that_there_is_nothing() -> None:
    made = routing(known=False)
    change(made, OLD, kind="created")
    assert [d.items.get("address") for name in ("welfare", "intermediate", "library") for d in told(made, name)] == (
        [None] * 3
    )
    assert told(made, "prefecture")[0].items["address"]
    step(made, OLD, NOT_PROTECTED)
    assert [d.kind for d in told(made, "welfare")] == ["created", "block", "changed"]
    assert [d.kind for d in told(made, "library")] == ["created", "changed"]
    for name in ("welfare", "intermediate", "library"):
        assert told(made, name)[-1].items["address"]
    first, *_, last = told(made, "welfare")
    assert first.protection and last.protection
    assert (first.protection.status, last.protection.status, last.protection.blocked) == ("unknown", "none", False)


def test_that_there_never_was_one_lifts_none_that_stands() -> None:
    made = routing()
    change(made, OLD, kind="created")
    step(made, OLD, PROVISIONAL)
    never_protected(made, WHO)
    change(made, NEW)
    assert all(d.protection and d.protection.blocked for d in told(made, "welfare")[1:])


@pytest.mark.parametrize("ends_on", [date(1999, 1, 1), date(2026, 4, 20), date(2099, 1, 1)])
def test_no_day_lifts_a_block(ends_on: date) -> None:
    made = routing()
    change(made, OLD, kind="created")
    step(made, OLD, state("full", ends_on=ends_on))
    change(made, NEW)
    assert [d.protection.blocked for d in told(made, "welfare") if d.protection] == [False, True, True]


def test_a_grant_that_begins_to_tell_tells_the_block_before_the_next_change() -> None:
    made = routing()
    change(made, OLD, "welfare", kind="created")
    made.followed["welfare", WHO] = replace(made.followed["welfare", WHO], block=None)
    step_before = len(made.routed)
    change(made, NEW, "welfare")
    fresh = [routed.delivery for routed in made.routed[step_before:]]
    assert [(d.kind, d.group is None) for d in fresh] == [("block", True), ("changed", False)]


def test_a_block_does_not_wait_for_a_window_and_what_waits_comes_after_it() -> None:
    made = routing()
    change(made, OLD, "intermediate", kind="created")
    made.windows = WINDOW
    change(made, NEW, "intermediate")
    step(made, NEW, PROVISIONAL, "intermediate")
    assert [d.kind for d in told(made, "intermediate")] == ["created", "block"]
    made.windows = {}
    for aside in made.aside:
        made.route(aside.grant, aside.image, aside.occasion)
    assert [(d.kind, d.protection and d.protection.blocked) for d in told(made, "intermediate")[1:]] == [
        ("block", True), ("changed", True),
    ]  # fmt: skip


def test_whom_a_recipient_has_not_it_is_not_told_of() -> None:
    made = routing()
    made.windows, made.interested = WINDOW, set()
    change(made, OLD, "intermediate", "welfare", kind="created")
    step(made, OLD, PROVISIONAL, "intermediate", "welfare")
    assert not made.routed
    made.interested = {("welfare", WHO)}
    made.enter(GRANTS["welfare"], OLD)
    (entered,) = told(made, "welfare")
    assert (entered.kind, entered.protection and entered.protection.blocked) == ("snapshot", True)
    made.leave(GRANTS["welfare"], WHO)
    step(made, OLD, ENDED, "welfare")
    assert [d.kind for d in told(made, "welfare")] == ["snapshot", "tombstone"]
    assert told(made, "welfare")[-1].protection is None


def test_who_holds_the_address_when_it_begins_is_asked_back_and_answers_by_a_number() -> None:
    made = routing()
    change(made, OLD, kind="created")
    made.holders.add(("former-office", 1, WHO))
    step(made, OLD, PROVISIONAL, position=9)
    assert {recall.recipient: recall for recall in made.recalls} == {
        "prefecture": Recall("prefecture", 1, WHO, 9, None, "not-told"),
        "intermediate": Recall("intermediate", 1, WHO, 9, 2, "told", 4),
        "welfare": Recall("welfare", 1, WHO, 9, 2, "told", 24),
        "addressee": Recall("addressee", 1, WHO, 9, 2, "told", 24),
        "jlis": Recall("jlis", 1, WHO, 9, 2, "told", 24),
        "library": Recall("library", 1, WHO, 9, 2, "told", 24),
        "former-office": Recall("former-office", 1, WHO, 9, None, "no-grant"),
    }
    step(made, OLD, FULL, position=10)
    assert len(made.recalls) == 7
    step(made, OLD, ENDED, position=11)
    step(made, OLD, PROVISIONAL, position=12)
    again = [recall.recipient for recall in made.recalls if recall.position == 12]
    assert sorted(again) == ["addressee", "former-office", "intermediate", "jlis", "library", "prefecture", "welfare"]


def test_who_was_told_of_it_while_it_was_unknown_is_told_again_and_answers() -> None:
    made = routing(known=False)
    change(made, OLD, "intermediate", kind="created")
    made.holders.add(("intermediate", 1, WHO))
    step(made, OLD, PROVISIONAL, "intermediate")
    assert [d.kind for d in told(made, "intermediate")] == ["created", "block", "changed"]
    assert made.recalls[0].number == 2


@pytest.mark.parametrize(
    ("entries", "holds"),
    [
        ([{"items": [5, 14]}], True),
        ([{"items": [5, 14]}, {"items": [5]}], False),
        ([{"items": [14]}, {"items": []}], False),
        ([{"items": [14]}, {"items": [], "instruction": "block"}], True),
        ([{"items": [14]}, {"items": [], "instruction": "recall"}], False),
        ([{"items": [14]}, {"items": [], "instruction": "recall"}, {"items": [14]}], True),
        ([{"file": "identity", "items": [11]}], True),
        ([{"file": "identity", "items": [2, 7]}], False),
        ([], False),
    ],
)
def test_the_ledger_says_who_holds_an_address(entries: list[dict[str, object]], holds: bool) -> None:
    place = {"recipient": "welfare", "generation": 2, "file": "resident"}
    found = holders((WHO, place | entry) for entry in entries)
    assert found == ({("welfare", 2, WHO)} if holds else set())


@pytest.mark.parametrize("grant", GRANTS.values(), ids=list(GRANTS))
@pytest.mark.parametrize("stands", STATES, ids=lambda s: "unknown" if s is None else f"{s.status}-{s.level}")
def test_the_verifier_comes_to_the_same_rule_by_itself(grant: object, stands: ProtectionState | None) -> None:
    assert isinstance(grant, type(SILENT))
    terms = () if stands is None else (stands.level, stands.begins_on, stands.ends_on)
    stand = derived.Stand(1, "unknown" if stands is None else stands.status, *terms)
    assert derived.withheld(grant, stand) == withheld_fields(grant, stands)
    said = told_of(grant, stands)
    assert derived.told(grant, stand) == (None if said is None else said.model_dump(mode="json", exclude_none=True))


def test_a_temporary_lifting_cannot_be_said() -> None:
    kinds = set(ProtectionState.model_fields["status"].annotation.__args__)  # type: ignore[union-attr]
    assert kinds == {"none", "provisional", "full", "ended"}
    assert DeliveryKind("block") and not [kind for kind in DeliveryKind if "lift" in kind]
