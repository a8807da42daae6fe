"""Every reason, one by one: it can be brought about, changes what its row allows, tells its dates, can be annulled."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from producers.register.events import HISTORY_COLUMNS, change_event, history_row, paired_reason
from producers.register.filings import Filing
from producers.register.rules.decide import RULES
from tests.unit.register.counter import Counter
from tests.unit.register.occasions import OCCASIONS
from topics.items.resident import RESIDENT_FILE
from topics.messages.change import ChangeKind, RecordState
from topics.reason_matrix import reason_matrix, removals_in_pairs
from topics.reasons import reason_code, reason_names

PAIRED = removals_in_pairs(reason_matrix().values())
NOW = datetime(2026, 4, 1, 22, 0, tzinfo=UTC)


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_there_is_an_occasion_for_every_reason_that_can_stand_alone() -> None:
    assert set(OCCASIONS) == set(reason_names()) - PAIRED


def test_there_is_a_rule_for_every_kind_of_filing() -> None:
    assert set(RULES) == set(get_args(Filing))


@pytest.mark.parametrize("reason", OCCASIONS)
def test_a_reason_stands_and_changes_only_what_its_row_allows(counter: Counter, reason: str) -> None:
    entry = OCCASIONS[reason](counter)[0]
    row = reason_matrix()[reason]
    assert entry.amendment.reason == reason
    assert set(entry.changed_items) <= row.items
    assert entry.changed_items
    record = entry.amendment.record
    assert record is None or all(getattr(record, RESIDENT_FILE.by_number[n].field) for n in (1, 4, 5, 6, 9, 14))


@pytest.mark.parametrize("reason", OCCASIONS)
def test_a_change_tells_the_dates_of_its_row(counter: Counter, reason: str) -> None:
    entry = OCCASIONS[reason](counter)[0]
    filing = counter.filings[entry.filing_id]
    change = change_event(entry, filing, "142158", 1, NOW)
    told = change.dates.model_dump(exclude_none=True)
    needs = reason_matrix()[reason].dates.needs()
    assert {name for name, need in needs.items() if need == "required"} <= set(told)
    assert not {name for name, need in needs.items() if need == "never"} & set(told)
    assert (told["processed_on"], change.reason) == ("2026-04-02", reason_code(reason, filing.filed_day))
    history = dict(zip(HISTORY_COLUMNS, history_row(change, paired_reason(entry, filing), None), strict=True))
    pair = reason_matrix()[reason].pair
    assert history["paired_reason"] == (pair and reason_code(pair, filing.filed_day))


@pytest.mark.parametrize("reason", OCCASIONS)
def test_whatever_the_reason_its_annulment_gives_back_what_was(counter: Counter, reason: str) -> None:
    entries = OCCASIONS[reason](counter)
    concerned = [(e.amendment.resident, e.history_number) for e in entries]
    before = {who: counter.book.earlier.get((who, number - 1)) for who, number in concerned}
    undone = counter.file("annulment", annuls=str(entries[0].filing_id))
    assert {e.amendment.kind for e in undone} == {ChangeKind.ANNULLED}
    for who, number in concerned:
        now, was = counter.book.residents[who], before[who]
        assert (now.state, now.record) == ((was.state, was.record) if was else (RecordState.ABSENT, None))
        assert now.history_number == number + 1


@pytest.mark.parametrize("reason", ["naturalisation-entry", "nationality-loss-entry", "renewal-entry"])
def test_of_a_pair_nobody_sees_the_person_gone(counter: Counter, reason: str) -> None:
    entries = OCCASIONS[reason](counter)
    who = entries[0].amendment.resident
    own = [e.amendment for e in counter.book.entries if e.amendment.resident == who]
    assert {amendment.state for amendment in own} == {RecordState.ACTIVE}
    assert (own[-1].kind, len(entries)) == (ChangeKind.CHANGED, 1)
    before, after = own[-2].record, own[-1].record
    assert before is not None and after is not None
    kept = ("addressee_number", "resident_code", "my_number", "sex", "birth_date", "relationship", "address",
            "address_since", "household_number")  # fmt: skip
    assert all(getattr(before, field) == getattr(after, field) for field in kept)


@pytest.mark.parametrize("reason", sorted(PAIRED))
def test_a_removal_of_a_pair_is_no_change_by_itself(counter: Counter, reason: str) -> None:
    for occasion in OCCASIONS.values():
        occasion(counter)
    assert reason not in {entry.amendment.reason for entry in counter.book.entries}
