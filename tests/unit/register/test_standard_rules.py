"""What the standard (住民記録システム標準仕様書) asks of single filings, and how the contrary is refused."""

from typing import Any

import pytest

from producers.register.book import Amendment
from producers.register.findings import FilingRefusedError, Finding, Notice, Rule
from producers.register.former_name import former_of, with_former, without_former
from producers.register.rules.decide import decide
from producers.register.rules.notices import notices_of
from producers.register.rules.table import BeyondTableError, hold
from tests.unit.register.counter import ABROAD, AWAY, DAY, HOME, MY_NUMBER, NEAR, RESIDENT_CODE, Counter, person
from tests.unit.register.occasions import (
    CLAIMED,
    NEXT_HOME,
    NOTIFIED,
    OTHER_NUMBER,
    REQUESTED,
    STATUS,
    foreigner,
    leave,
    place,
    settled,
)
from topics.items.findings import Severity
from topics.items.resident import PersonName
from topics.messages.change import ChangeKind, RecordState
from topics.relationship import HEAD

RIGHT = {"text": "合成　正", "kana": "ごうせい　ただし"}
FORMER = {"text": "旧姓", "kana": "きゅうせい"}
LATER = {"filed_on": "2026-04-20"}


@pytest.fixture
def counter() -> Counter:
    return Counter()


def _refused(counter: Counter, rule: Rule, field: str, kind: str, **items: Any) -> None:
    before = (list(counter.book.entries), dict(counter.book.residents))
    with pytest.raises(FilingRefusedError) as refusal:
        counter.file(kind, **items)
    assert (refusal.value.rule, refusal.value.field) == (rule, field)
    assert (counter.book.entries, counter.book.residents) == before


def test_a_move_out_may_be_announced_up_to_14_days_late_and_then_is_removed_ex_officio(counter: Counter) -> None:
    who = counter.family(HEAD)
    told: dict[str, Any] = {"residents": who, "to": AWAY}
    _refused(counter, Rule.LATE, "changed_on", "move-out-announced", filed_on="2026-04-16", **told)
    counter.file("move-out-announced", filed_on="2026-04-15", **told)
    removed = counter.file("ex-officio-removal", cause="late-move-out", filed_on="2026-04-16", **told)[0]
    assert (removed.amendment.state, removed.changed_items) == (RecordState.CEASED, (19, 22, 24))


def test_no_other_day_lies_ahead_and_the_announced_one_is_waited_for(counter: Counter) -> None:
    who = counter.family(HEAD)
    counter.file("move-out-announced", changed_on="2026-04-20", residents=who, to=AWAY)
    _refused(counter, Rule.DATE_IN_FUTURE, "residents", "move-out-effective", residents=who)
    _refused(counter, Rule.DATE_IN_FUTURE, "changed_on", "death", resident=who[0], changed_on="2026-04-02")
    _refused(counter, Rule.DATE_IN_FUTURE, "changed_on", "death", resident=who[0], changed_on="2026-05-XX")
    late: dict[str, Any] = {"to": NEAR, "changed_on": DAY, "notified_on": "2026-04-21"}
    _refused(counter, Rule.DATE_IN_FUTURE, "notified_on", "move-in-notice", residents=who, **late, **LATER)
    counter.file("move-out-effective", residents=who, **LATER)


def test_a_day_that_nobody_knows_is_legal_for_a_death_and_not_for_a_move(counter: Counter) -> None:
    who = counter.family(HEAD)[0]
    moved: dict[str, Any] = {"places": [place(who, HEAD)], "address": NEXT_HOME}
    _refused(counter, Rule.DATE_EXACT, "changed_on", "move-within", changed_on="2026-03-XX", **moved)
    _refused(counter, Rule.DATE_EXACT, "changed_on", "death", resident=who, changed_on="2026-02-30")
    counter.file("death", resident=who, changed_on="2026-03-XX")


def test_a_notice_after_the_removal_fixes_where_to_and_the_day_and_the_next_one_amends_it(counter: Counter) -> None:
    who = counter.family(HEAD)
    leave(counter, who)
    entry = counter.file("move-in-notice", residents=who, to=NEAR, changed_on="2026-03-28", **NOTIFIED)[0]
    assert (entry.amendment.kind, entry.changed_items) == (ChangeKind.CHANGED, (19, 24))
    record = counter.record(who[0])
    assert record.removal is not None and record.removal.removed_on == "2026-03-28"
    assert record.planned_move_out is not None and record.planned_move_out.planned_on == DAY
    again: dict[str, Any] = {"residents": who, "to": AWAY, **NOTIFIED}
    assert counter.file("move-in-notice", **again)[0].changed_items == (19, 24)
    _refused(counter, Rule.NOTHING_CHANGES, "kind", "move-in-notice", **again)


def test_a_notice_may_come_for_whoever_was_removed_ex_officio_and_for_nobody_dead(counter: Counter) -> None:
    gone, dead, here = (counter.family(HEAD)[0] for _ in range(3))
    counter.file("ex-officio-removal", residents=[gone], cause="not-living-here")
    counter.file("death", resident=dead)
    noticed: dict[str, Any] = {"kind": "move-in-notice", "to": NEAR, **NOTIFIED}
    assert counter.file(residents=[gone], **noticed)[0].changed_items == (19,)
    _refused(counter, Rule.CEASED, "residents", residents=[dead], **noticed)
    _refused(counter, Rule.ANNOUNCED, "residents", residents=[here], **noticed)
    _refused(counter, Rule.HOUSEHOLD, "residents", residents=[gone, here], **noticed)
    _refused(counter, Rule.ADDRESS, "to", residents=[gone], **noticed | {"to": ABROAD})


def test_a_head_who_leaves_by_notice_leaves_the_household_as_by_any_removal(counter: Counter) -> None:
    head, wife = counter.family(HEAD, "妻")
    counter.file("move-out-announced", residents=[head], to=AWAY, changed_on="2026-04-20")
    entries = counter.file("move-in-notice", residents=[head], to=NEAR, **NOTIFIED)
    assert [e.amendment.reason for e in entries] == ["domestic-move-out", "change-of-head"]
    assert counter.record(wife).relationship == HEAD


def test_who_goes_abroad_and_who_does_not_are_filed_apart(counter: Counter) -> None:
    head, wife = counter.family(HEAD, "妻")
    counter.file("move-out-announced", residents=[head], to=ABROAD)
    counter.file("move-out-announced", residents=[wife], to=AWAY)
    _refused(counter, Rule.HOUSEHOLD, "residents", "move-out-effective", residents=[head, wife])


def test_who_comes_back_has_her_numbers_again_and_nobody_comes_back_from_death(counter: Counter) -> None:
    who = settled(counter, person(HEAD, my_number=MY_NUMBER, resident_code=RESIDENT_CODE))[0]
    before = counter.record(who)
    leave(counter, [who])
    back: dict[str, Any] = {"origin": AWAY, "address": HOME, "persons": [person(addressee_number=who)]}
    counter.file("move-in-domestic", **back)
    after = counter.record(who)
    assert (after.my_number, after.resident_code) == (before.my_number, before.resident_code)
    assert (after.removal, after.planned_move_out, after.moved_out_to) == (None, None, None)
    counter.file("death", resident=who)
    _refused(counter, Rule.CEASED, "persons.addressee_number", "move-in-domestic", **back)


def test_of_addresses_never_reported_the_latest_is_the_one_before(counter: Counter) -> None:
    unreported = [ABROAD, NEAR]
    entry = counter.file("move-in-domestic", origin=AWAY, unreported=unreported, address=HOME, persons=[person()])[0]
    record = entry.amendment.record
    assert record is not None and record.previous_address == f"{NEAR['text']}（未届）"
    assert record.moved_in_from is not None and record.moved_in_from.text == AWAY["text"]


def test_a_birth_filed_with_a_move_in_is_a_move_in(counter: Counter) -> None:
    people = [person(), person("子", birth_date=DAY, resident_code=RESIDENT_CODE)]
    entries = counter.file("move-in-domestic", origin=AWAY, address=HOME, persons=people)
    assert [entry.amendment.reason for entry in entries] == ["domestic-move-in"] * 2


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("naturalisation", {"name": RIGHT, "registered_domicile": "合成県", "domicile_head": "合成　正"}),
        ("ex-officio-correction", {"name": RIGHT}),
        ("clerical-correction", {"name": RIGHT}),
        ("minor-amendment", {"name": {"text": "合成　丗帯主", "kana": "ごうせい　だれか"}}),
    ],
)
def test_a_heads_new_name_reaches_item_13_of_all_members(counter: Counter, kind: str, told: dict[str, Any]) -> None:
    head, *others = settled(counter, foreigner(), foreigner("妻"), person("子"))
    entries = counter.file(kind, resident=head, **told)
    assert [(e.amendment.reason, e.changed_items) for e in entries[1:]] == [("ex-officio-correction", (13,))] * 2
    assert {counter.record(each).head_name for each in others} == {told["name"]["text"]}


def test_a_minor_amendment_of_an_address_is_all_members(counter: Counter) -> None:
    head, wife = counter.family(HEAD, "妻")
    household = counter.household(head)
    entries = counter.file(
        "minor-amendment", household_number=household, address=HOME | {"text": "海老名市中央一丁目1番"}
    )
    assert [e.changed_items for e in entries] == [(14,), (14,)]
    assert counter.record(wife).address == counter.record(head).address
    minor: dict[str, Any] = {"kind": "minor-amendment"}
    _refused(counter, Rule.ADDRESS, "address", household_number=household, address=AWAY, **minor)
    _refused(counter, Rule.NAME, "name", resident=head, name=RIGHT, **minor)
    _refused(counter, Rule.FORMAT, "resident", resident=head, address=HOME, **minor)


def test_a_former_name_stands_within_the_name_until_it_is_removed(counter: Counter) -> None:
    name = PersonName(text="合成　花子", kana="ごうせい　はなこ")
    written = with_former(name, PersonName(text="旧姓", kana="きゅうせい"))
    assert (written.text, written.kana) == ("合成［旧姓］　花子", "ごうせい・きゅうせい　はなこ")
    assert (former_of(written), former_of(name), without_former(written)) == ("旧姓", None, name)


def test_names_are_refused_where_the_law_has_none(counter: Counter) -> None:
    japanese, foreign = (
        counter.family(HEAD)[0],
        settled(counter, foreigner(name={"text": "GOSEI", "kana": "ごうせい"}))[0],
    )
    former: dict[str, Any] = {"kind": "former-name", "former": FORMER, **CLAIMED}
    alias: dict[str, Any] = {"kind": "alias", "alias": RIGHT, **REQUESTED}
    _refused(counter, Rule.NAME, "former", resident=foreign, **former)
    _refused(counter, Rule.CLASS, "resident", resident=japanese, **alias)
    _refused(counter, Rule.NOTHING_CHANGES, "kind", resident=japanese, **former | {"former": None})
    _refused(counter, Rule.NOTHING_CHANGES, "kind", resident=foreign, **alias | {"alias": None})
    counter.file(resident=foreign, **alias)
    _refused(counter, Rule.NAME, "alias", resident=foreign, **alias)
    counter.file(resident=foreign, **alias | {"alias": None})
    assert counter.record(foreign).alias_entries == f"記載 {DAY}　削除 {DAY}"


def test_a_reason_is_for_residents_of_one_nationality(counter: Counter) -> None:
    japanese, foreign = counter.family(HEAD)[0], settled(counter, foreigner())[0]
    naturalised: dict[str, Any] = {"name": RIGHT, "registered_domicile": "合成県", "domicile_head": "合成　正"}
    _refused(counter, Rule.CLASS, "resident", "naturalisation", resident=japanese, **naturalised)
    _refused(counter, Rule.CLASS, "resident", "nationality-loss", resident=foreign,
             foreign=STATUS | {"since": DAY})  # fmt: skip
    notice = {"residence_status": "定住者", **NOTIFIED}
    _refused(counter, Rule.CLASS, "resident", "residence-notice", resident=japanese, **notice)


def test_of_a_naturalised_resident_item_25_becomes_item_9(counter: Counter) -> None:
    who = settled(counter, foreigner())[0]
    told: dict[str, Any] = {"name": RIGHT, "registered_domicile": "合成県", "domicile_head": "合成　正"}
    counter.file("naturalisation", resident=who, **told)
    record = counter.record(who)
    assert (record.resident_since, record.foreign_resident_since, record.resident_class) == (
        "2012-07-09",
        None,
        "japanese",
    )
    assert (record.nationality, record.residence_card_number, record.registered_domicile) == (None, None, "合成県")


def test_numbers_are_entered_once_and_changed_where_they_are(counter: Counter) -> None:
    numbered = settled(counter, person(HEAD, my_number=MY_NUMBER))[0]
    _refused(counter, Rule.NUMBER, "my_number", "number-entry", resident=numbered, my_number=OTHER_NUMBER)
    _refused(counter, Rule.NUMBER, "resident_code", "code-change-request", resident=numbered,
             resident_code=RESIDENT_CODE, **CLAIMED)  # fmt: skip
    _refused(counter, Rule.NUMBER, "my_number", "number-correction", resident=numbered)
    before = counter.record(numbered).my_number
    counter.file("number-change-request", resident=numbered, my_number=OTHER_NUMBER, **CLAIMED)
    assert counter.record(numbered).my_number not in (None, before)


def test_a_household_change_takes_some_and_never_all(counter: Counter) -> None:
    goal, (head, wife, child) = counter.family(HEAD)[0], counter.family(HEAD, "妻", "子")
    home: dict[str, Any] = {"kind": "household-change", "household_number": counter.household(goal)}
    everybody = [place(head, "同居人"), place(wife, "同居人"), place(child, "同居人")]
    _refused(counter, Rule.HOUSEHOLD, "places", places=everybody, **home)
    entries = counter.file(places=[place(head, "同居人")], **home)
    assert [e.amendment.reason for e in entries] == ["household-change"] * 3
    assert {counter.record(each).head_name for each in (wife, child)} == {None}
    assert counter.household(head) == counter.household(goal)


def test_dates_are_asked_for_and_refused_by_the_reasons_row(counter: Counter) -> None:
    who = settled(counter, person(HEAD, my_number=MY_NUMBER))[0]
    changed: dict[str, Any] = {"resident": who, "my_number": OTHER_NUMBER}
    _refused(counter, Rule.DATE_NEEDED, "claimed_on", "number-change-request", **changed)
    _refused(counter, Rule.DATE_FOREIGN, "claimed_on", "number-correction", **changed, **CLAIMED)
    former: dict[str, Any] = {"resident": who, "former": FORMER, "claimed_on": "2019-11-04", "filed_on": "2019-11-04"}
    _refused(counter, Rule.REASON, "filed_on", "former-name", **former | {"changed_on": "2019-11-04"})
    _refused(counter, Rule.REASON, "filed_on", "death", resident=who, filed_on="1999-01-01", changed_on="1999-01-01")


def test_a_rule_that_goes_beyond_the_table_fails(counter: Counter) -> None:
    who = counter.family(HEAD)[0]
    filing = counter.filing("death", resident=who)
    own = decide(counter.book, filing)[0]
    assert own.record is not None
    wrong = own.record.model_copy(update={"sex": "2"})
    active = Amendment(who, ChangeKind.CEASED, "death", RecordState.ACTIVE, own.record)
    unheard = Amendment(who, ChangeKind.CHANGED, "code-entry", RecordState.ACTIVE, own.record)
    for amendments in (
        [Amendment(who, ChangeKind.CEASED, "death", RecordState.CEASED, wrong)], [active], [own, own], [own, unheard],
    ):  # fmt: skip
        with pytest.raises(BeyondTableError):
            hold(counter.book, filing, amendments)


def _notices(counter: Counter, kind: str, **items: Any) -> list[Finding]:
    filing = counter.filing(kind, **items)
    return list(notices_of(counter.book, filing, decide(counter.book, filing)))


def test_what_is_odd_and_legal_is_told_apart_from_what_is_refused(counter: Counter) -> None:
    head, wife, _ = counter.family(HEAD, "妻", "子")
    away: dict[str, Any] = {"origin": AWAY, "address": HOME}
    found = {
        Notice.NO_HEAD: _notices(counter, "death", resident=head),
        Notice.IMPOSSIBLE_DAY: _notices(counter, "death", resident=wife, changed_on="2026-02-29"),
        Notice.FILED_LATE: _notices(counter, "death", resident=wife, filed_on="2026-04-09"),
        Notice.NO_NUMBER: _notices(counter, "move-in-domestic", persons=[person()], **away),
    }
    numbered = person(HEAD, my_number=MY_NUMBER, resident_code=RESIDENT_CODE)
    who = settled(counter, numbered)[0]
    counter.file("move-out-announced", residents=[who], to=AWAY)
    moved = {"places": [place(who, HEAD)], "address": NEXT_HOME}
    found[Notice.MOVES_WHILE_LEAVING] = _notices(counter, "move-within", **moved)
    counter.file("move-out-effective", residents=[who])
    back = [numbered | {"addressee_number": who, "birth_date": "1981-01-01"}]
    found[Notice.RETURN_DIFFERS] = _notices(counter, "move-in-domestic", persons=back, **away)
    assert {code: [each.code for each in told] for code, told in found.items()} == {code: [code] for code in found}
    assert {each.severity for told in found.values() for each in told} == {Severity.WARNING}
    assert Finding(Rule.HEAD, "persons", "").severity is Severity.ERROR
    assert _notices(counter, "death", resident=wife) == []
