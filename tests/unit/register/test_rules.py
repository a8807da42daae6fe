"""The register's rules, one by one: what a filing brings about, and why it is refused."""

from typing import Any

import pytest

from producers.register.findings import FilingRefusedError, Rule
from producers.register.serials import numbered
from tests.unit.register.counter import ABROAD, AWAY, DAY, HOME, MY_NUMBER, NEAR, RESIDENT_CODE, Counter, person
from topics.messages.change import ChangeKind, RecordState
from topics.relationship import HEAD


@pytest.fixture
def counter() -> Counter:
    return Counter()


def _place(number: str, relationship: str) -> dict[str, str]:
    return {"addressee_number": number, "relationship": relationship}


def _refused(counter: Counter, rule: Rule, field: str, kind: str, **items: Any) -> None:
    before = len(counter.book.entries)
    with pytest.raises(FilingRefusedError) as refusal:
        counter.file(kind, **items)
    assert (refusal.value.rule, refusal.value.field) == (rule, field)
    assert len(counter.book.entries) == before


def test_a_family_moves_in_as_one_group(counter: Counter) -> None:
    people = [person(HEAD, my_number=MY_NUMBER, resident_code=RESIDENT_CODE), person("妻"), person("子")]
    entries = counter.file("move-in-domestic", origin=AWAY, address=HOME, persons=people)
    assert [(e.index, e.count, e.history_number) for e in entries] == [(1, 3, 1), (2, 3, 1), (3, 3, 1)]
    assert {e.amendment.kind for e in entries} == {ChangeKind.CREATED}
    records = [counter.record(e.amendment.resident) for e in entries]
    assert {r.head_name for r in records} == {f"合成　{HEAD}"}
    assert len({r.household_number for r in records}) == 1
    assert records[0].my_number is not None and MY_NUMBER not in records[0].model_dump_json()
    assert (records[0].moved_in_from, records[0].resident_since_reason) == (records[1].moved_in_from, "11")


def test_who_joins_a_household_has_its_head_and_address(counter: Counter) -> None:
    head = counter.family(HEAD)[0]
    joined = counter.family("母", household_number=counter.household(head))[0]
    assert counter.household(joined) == counter.household(head)
    assert counter.record(joined).head_name == counter.record(head).head_name


def test_who_comes_back_keeps_the_number(counter: Counter) -> None:
    number = counter.family(HEAD)[0]
    _leave(counter, [number])
    entry = counter.file("move-in-domestic", origin=AWAY, address=HOME, persons=[person(addressee_number=number)])[0]
    assert entry.amendment.resident == number
    assert entry.history_number == 4
    assert counter.record(number).removal is None


def test_a_move_in_from_abroad_is_numbered_afterwards(counter: Counter) -> None:
    number = counter.file("move-in-abroad", origin=ABROAD, address=HOME, persons=[person()])[0].amendment.resident
    assert counter.record(number).my_number is None
    entry = counter.file("number-entry", resident=number, my_number=MY_NUMBER, resident_code=RESIDENT_CODE)[0]
    assert entry.changed_items == (2, 3)
    assert entry.amendment.reason == "number-entry"


def test_the_move_out_takes_effect_on_the_day_of_the_notice(counter: Counter) -> None:
    """Announced on 20 March for 1 April; the notice says 28 March."""
    number = counter.family(HEAD)[0]
    counter.file("move-out-announced", filed_on="2026-03-20", changed_on="2026-04-01", residents=[number], to=AWAY)
    planned = counter.record(number)
    assert planned.planned_move_out is not None and planned.removal is None
    told = {"filed_on": "2026-03-30", "notified_on": "2026-03-30", "changed_on": "2026-03-28", "to": NEAR}
    entry = counter.file("move-in-notice", residents=[number], **told)[0]
    assert entry.amendment.state is RecordState.CEASED
    gone = counter.record(number)
    assert gone.removal is not None and gone.removal.removed_on == "2026-03-28"
    assert gone.planned_move_out == planned.planned_move_out
    assert gone.moved_out_to is not None and gone.moved_out_to.text == NEAR["text"]


def test_the_move_out_takes_effect_on_the_planned_day_when_the_notice_is_later(counter: Counter) -> None:
    number = counter.family(HEAD)[0]
    counter.file("move-out-announced", residents=[number], to=AWAY)
    day = {"filed_on": "2026-04-10", "notified_on": "2026-04-10", "changed_on": "2026-04-09"}
    counter.file("move-in-notice", residents=[number], to=NEAR, **day)
    removal = counter.record(number).removal
    assert removal is not None and removal.removed_on == DAY


def test_when_the_head_dies_the_only_other_member_becomes_head_at_once(counter: Counter) -> None:
    head, wife = counter.family(HEAD, "妻")
    entries = counter.file("death", resident=head)
    assert [e.amendment.state for e in entries] == [RecordState.CEASED, RecordState.ACTIVE]
    assert (counter.record(wife).relationship, counter.record(wife).head_name) == (HEAD, "合成　妻")


def test_when_the_head_dies_several_others_have_no_head_until_one_is_filed(counter: Counter) -> None:
    head, wife, child = counter.family(HEAD, "妻", "子")
    household = counter.household(head)
    assert len(counter.file("death", resident=head)) == 3
    assert {counter.record(n).head_name for n in (wife, child)} == {None}
    assert counter.book.head_of(household) is None
    members = [_place(wife, HEAD), _place(child, "子")]
    entries = counter.file("change-of-head", household_number=household, places=members)
    assert {e.amendment.reason for e in entries} == {"change-of-head"}
    assert {counter.record(n).head_name for n in (wife, child)} == {"合成　妻"}


def test_a_death_of_another_member_concerns_nobody_else(counter: Counter) -> None:
    _, wife = counter.family(HEAD, "妻")
    assert len(counter.file("death", resident=wife)) == 1


def test_a_child_is_born_without_my_number(counter: Counter) -> None:
    head = counter.family(HEAD)[0]
    child = person("子", birth_date=DAY, resident_code=RESIDENT_CODE)
    number = counter.file("birth", household_number=counter.household(head), child=child)[0].amendment.resident
    assert counter.record(number).my_number is None
    assert counter.record(number).resident_code is not None
    assert counter.record(number).address == counter.record(head).address
    assert counter.file("number-entry", resident=number, my_number=MY_NUMBER)[0].changed_items == (3,)


def test_a_whole_household_moves_and_keeps_its_number(counter: Counter) -> None:
    head, wife = counter.family(HEAD, "妻")
    household = counter.household(head)
    home = {**HOME, "text": "海老名市上郷2番2号"}
    entries = counter.file("move-within", address=home, places=[_place(head, HEAD), _place(wife, "妻")])
    assert {e.changed_items for e in entries} == {(14, 17)}
    assert counter.household(wife) == household
    assert counter.record(wife).previous_address == HOME["text"]


def test_a_member_who_moves_alone_founds_a_household(counter: Counter) -> None:
    head, child = counter.family(HEAD, "子")
    home = {**HOME, "text": "海老名市上郷2番2号"}
    entries = counter.file("move-within", address=home, places=[_place(child, HEAD)])
    assert len(entries) == 1
    assert counter.household(child) != counter.household(head)
    assert counter.record(child).head_name == "合成　子"


def test_a_head_who_moves_alone_leaves_a_new_head_behind(counter: Counter) -> None:
    head, wife = counter.family(HEAD, "妻")
    home = {**HOME, "text": "海老名市上郷2番2号"}
    entries = counter.file("move-within", address=home, places=[_place(head, HEAD)])
    assert [e.amendment.resident for e in entries] == [head, wife]
    assert counter.record(wife).relationship == HEAD


def test_an_annulled_move_gives_the_former_record_back_and_stacks_history(counter: Counter) -> None:
    number = counter.family(HEAD)[0]
    before = counter.record(number)
    moved = counter.file("move-within", address={**HOME, "text": "海老名市上郷2番2号"}, places=[_place(number, HEAD)])
    entry = counter.file("annulment", annuls=str(moved[0].filing_id))[0]
    assert (entry.history_number, entry.amendment.refers_to) == (3, 2)
    assert counter.record(number) == before
    again = counter.file("annulment", annuls=str(entry.filing_id))[0]
    assert (again.history_number, counter.record(number)) == (4, moved[0].amendment.record)


def test_an_annulled_birth_leaves_no_record(counter: Counter) -> None:
    head = counter.family(HEAD)[0]
    child = person("子", birth_date=DAY)
    born = counter.file("birth", household_number=counter.household(head), child=child)[0]
    entry = counter.file("annulment", annuls=str(born.filing_id))[0]
    assert (entry.amendment.state, entry.amendment.record) == (RecordState.ABSENT, None)
    assert len(counter.book.members_of(counter.household(head))) == 1


def test_an_annulled_death_of_a_head_restores_the_whole_household(counter: Counter) -> None:
    numbers = counter.family(HEAD, "妻", "子")
    before = [counter.record(number) for number in numbers]
    died = counter.file("death", resident=numbers[0])
    counter.file("annulment", annuls=str(died[0].filing_id))
    assert [counter.record(number) for number in numbers] == before


def test_an_annulment_is_refused_when_the_household_has_changed_since(counter: Counter) -> None:
    head, child = counter.family(HEAD, "子")
    moved = counter.file("move-within", address={**HOME, "text": "海老名市上郷2番2号"}, places=[_place(child, HEAD)])
    counter.file("death", resident=head)
    _refused(counter, Rule.HOUSEHOLD, "annuls", "annulment", annuls=str(moved[0].filing_id))


def test_a_heads_corrected_name_reaches_all_members(counter: Counter) -> None:
    head, wife = counter.family(HEAD, "妻")
    right = {"text": "合成　正", "kana": "ごうせい　ただし"}
    entries = counter.file("ex-officio-correction", resident=head, name=right, refers_to=1)
    assert [(e.amendment.kind, e.amendment.refers_to) for e in entries] == [
        (ChangeKind.CORRECTED, 1),
        (ChangeKind.CHANGED, None),
    ]
    assert counter.record(wife).head_name == "合成　正"
    assert entries[1].changed_items == (13,)


def test_a_household_splits_and_merges_again(counter: Counter) -> None:
    head, wife, child = counter.family(HEAD, "妻", "子")
    household = counter.household(head)
    counter.file("household-split", places=[_place(child, HEAD)])
    assert counter.household(child) != household
    entries = counter.file("household-merge", household_number=household, places=[_place(child, "子")])
    assert entries[0].amendment.reason == "household-merge"
    assert counter.household(child) == household
    assert counter.record(child).head_name == counter.record(wife).head_name


def test_what_breaks_a_rule_is_refused_and_leaves_nothing(counter: Counter) -> None:
    head, wife, child = counter.family(HEAD, "妻", "子")
    other = counter.family(HEAD)[0]
    away = counter.family(HEAD)[0]
    _leave(counter, [away])
    home, unknown = counter.household(head), numbered([999_999_998, 999_999_999])[0]
    move_in: dict[str, Any] = {"kind": "move-in-domestic", "origin": AWAY, "address": HOME}
    _refused(counter, Rule.HEAD, "persons", **move_in, persons=[person("妻")])
    _refused(counter, Rule.HEAD, "persons", **move_in, persons=[person(HEAD), person(HEAD)])
    _refused(counter, Rule.HEAD, "persons", **move_in, persons=[person(HEAD)], household_number=home)
    _refused(counter, Rule.DATE_IN_FUTURE, "changed_on", **move_in, persons=[person()], changed_on="2026-04-02")
    _refused(counter, Rule.CEASED, "persons.addressee_number", **move_in, persons=[person(addressee_number=head)])
    _refused(
        counter, Rule.UNKNOWN_RESIDENT, "persons.addressee_number", **move_in,
        persons=[person(addressee_number=unknown)],
    )  # fmt: skip
    _refused(counter, Rule.FORMAT, "persons.foreign", **move_in, persons=[person(resident_class="foreign")])
    elsewhere = {**HOME, "text": "海老名市上郷2番2号"}
    joins: dict[str, Any] = {**move_in, "address": elsewhere, "persons": [person("母")], "household_number": home}
    _refused(counter, Rule.HOUSEHOLD, "address", **joins)
    _refused(counter, Rule.REPEATED, "persons", kind="move-in-domestic", origin=AWAY, address=HOME,
             persons=[person(HEAD, addressee_number=away), person("妻", addressee_number=away)])  # fmt: skip
    _refused(counter, Rule.UNKNOWN_HOUSEHOLD, "household_number", "birth", household_number=unknown,
             child=person("子", birth_date=DAY))  # fmt: skip
    _refused(counter, Rule.DATE_ORDER, "child.birth_date", "birth", household_number=home, child=person("子"))
    _refused(counter, Rule.NUMBER, "child", "birth", household_number=home,
             child=person("子", birth_date=DAY, my_number=MY_NUMBER))  # fmt: skip
    _refused(counter, Rule.HEAD, "child.relationship", "birth", household_number=home,
             child=person(HEAD, birth_date=DAY))  # fmt: skip
    _refused(counter, Rule.UNKNOWN_RESIDENT, "resident", "death", resident=unknown)
    _refused(counter, Rule.ACTIVE, "resident", "death", resident=away)
    _refused(counter, Rule.ANNOUNCED, "residents", "move-out-effective", residents=[head])
    _refused(counter, Rule.HOUSEHOLD, "residents", "move-out-effective", residents=[head, other])
    counter.file("move-out-announced", residents=[other], to=AWAY)
    _refused(counter, Rule.ANNOUNCED, "residents", "move-out-announced", residents=[other], to=AWAY)
    _refused(counter, Rule.HOUSEHOLD, "places", "household-split",
             places=[_place(head, HEAD), _place(wife, "妻"), _place(child, "子")])  # fmt: skip
    _refused(counter, Rule.HEAD, "places", "household-split", places=[_place(child, "子")])
    _refused(counter, Rule.RELATIONSHIP, "places", "household-split", places=[_place(child, HEAD)] * 2)
    _refused(counter, Rule.HOUSEHOLD, "household_number", "household-merge", household_number=home,
             places=[_place(child, "子")])  # fmt: skip
    _refused(counter, Rule.HOUSEHOLD, "places", "change-of-head", household_number=home, places=[_place(head, HEAD)])
    same = [_place(head, HEAD), _place(wife, "妻"), _place(child, "子")]
    _refused(counter, Rule.NOTHING_CHANGES, "kind", "change-of-head", household_number=home, places=same)
    _refused(counter, Rule.HOUSEHOLD, "household_number", "move-within", household_number=home, address=HOME,
             places=[_place(child, "子")])  # fmt: skip
    _refused(counter, Rule.NOTHING_CHANGES, "kind", "ex-officio-correction", resident=head, sex="1")
    _refused(counter, Rule.NOT_LATEST, "refers_to", "ex-officio-correction", resident=head, sex="2", refers_to=9)
    _refused(counter, Rule.NUMBER, "my_number", "number-entry", resident=head)
    _refused(counter, Rule.UNKNOWN_FILING, "annuls", "annulment", annuls="00000000-0000-0000-0000-0000000000ff")
    first = counter.book.entries[0].filing_id
    counter.file("death", resident=child)
    _refused(counter, Rule.NOT_LATEST, "annuls", "annulment", annuls=str(first))


def _leave(counter: Counter, numbers: list[str]) -> None:
    counter.file("move-out-announced", residents=numbers, to=AWAY)
    counter.file("move-out-effective", residents=numbers)
