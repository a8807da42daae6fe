"""The first stage of validation at the counter: the form of every item that a filing changes."""

from typing import Any

import pytest

from producers.register.filings import Filing
from producers.register.findings import FilingRefusedError, Notice, Rule
from producers.register.rules.decide import decide
from producers.register.rules.notices import notices_of
from tests.unit.register.counter import AWAY, HOME, Counter, person
from topics.items.findings import FindingCode


def _move_in(**items: Any) -> Filing:
    return Counter().filing("move-in-domestic", origin=AWAY, address=HOME, persons=[person(**items)])


@pytest.mark.parametrize("day", ["1980-02-29", "1981-02-29", "1980-02-XX", "1980-XX-XX", "XXXX-XX-XX", "1980-05-05~"])
def test_days_that_are_legal_without_being_in_a_calendar_stand(day: str) -> None:
    decide(Counter().book, _move_in(birth_date=day))


@pytest.mark.parametrize("day", ["1981-02-30", "1980-04-31", "0000-02-29"])
def test_a_birth_date_that_no_calendar_has_is_refused_by_item_and_code(day: str) -> None:
    with pytest.raises(FilingRefusedError) as refusal:
        decide(Counter().book, _move_in(birth_date=day))
    assert (refusal.value.rule, refusal.value.field) == (Rule.ITEM, "birth_date")
    assert FindingCode.IMPOSSIBLE_DATE in refusal.value.sentence
    assert day not in str(refusal.value)


def test_a_mark_in_place_of_a_character_lets_the_filing_stand_and_is_told() -> None:
    filing, book = _move_in(name={"text": "合成　〓子", "kana": "ごうせい　こ"}), Counter().book
    notices = list(notices_of(book, filing, decide(book, filing)))
    assert Notice.ITEM in {notice.code for notice in notices}
    assert "〓子" not in " ".join(notice.sentence for notice in notices)


def test_what_stood_before_is_no_hindrance_and_an_annulment_restores_it() -> None:
    counter = Counter()
    (who,) = counter.family("世帯主")
    stood = counter.book.residents[who]
    assert stood.record is not None
    unfit = stood.record.model_copy(update={"birth_date": "1980-02-30"})
    counter.book.add(type(stood)(who, stood.history_number, stood.state, unfit))
    moved = counter.file("clerical-correction", resident=who, sex="2")[0]
    mended = counter.file("clerical-correction", resident=who, birth_date="1980-02-29")[0]
    (restored,) = counter.file("annulment", annuls=str(mended.filing_id))
    assert moved.changed_items == (7,)
    assert restored.amendment.record is not None
    assert restored.amendment.record.birth_date == "1980-02-30"
