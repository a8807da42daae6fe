"""The prefecture holds an update against what it has: each resident code's sequence, its predecessor, marks."""

from dataclasses import replace

import pytest

from consumers.kit.faults import BrokenRuleError, code_of
from consumers.prefecture.registration import UPDATE_SEQUENCE
from consumers.prefecture.updates import FORMER_CODE, Closed, Counts, Registered, Update, broken_rule_of, register

OLD, NEW, OTHER = b"old", b"new", b"other"
WHO = "s"
STANDS = Registered(sequence=4, code=OLD, counts=(3, 1))


def _update(sequence: int, code: bytes, *counts: int, former: bytes | None = None) -> Update:
    regular, abnormal = (*counts, 0)[:2]
    return Update(WHO, sequence, code, former, (regular, abnormal))


@pytest.mark.parametrize(
    ("update", "code"),
    [
        (_update(5, OLD, 4, 1), None),
        (_update(5, OLD, 3, 2), None),
        (_update(5, OLD, 3, 1), UPDATE_SEQUENCE),
        (_update(5, OLD, 4, 2), UPDATE_SEQUENCE),
        (_update(5, OLD, 5, 1), UPDATE_SEQUENCE),
        (_update(5, OLD, 2, 2), UPDATE_SEQUENCE),
        (_update(6, OLD, 5, 1), None),
        (_update(6, OLD, 4, 2), None),
        (_update(6, OLD, 6, 1), UPDATE_SEQUENCE),
        (_update(5, NEW, 1, former=OLD), None),
        (_update(5, NEW, 4, 1, former=OLD), UPDATE_SEQUENCE),
        (_update(5, NEW, 1), FORMER_CODE),
        (_update(5, NEW, 1, former=OTHER), FORMER_CODE),
        (_update(6, NEW, 1, former=OTHER), None),
        (_update(6, NEW, 2, former=OLD), None),
        (_update(6, NEW, 3, former=OLD), UPDATE_SEQUENCE),
        (Update(WHO, 5), None),
    ],
    ids=str,
)
def test_an_update_is_the_next_of_its_code(update: Update, code: str | None) -> None:
    assert broken_rule_of(STANDS, update) == code


def test_a_code_that_changes_closes_its_sequence_and_goes_on_there_if_it_comes_back() -> None:
    changes = [_update(5, NEW, 1, former=OLD), _update(6, NEW, 2, former=OLD), _update(7, OLD, 4, 1, former=NEW)]
    assert register({WHO: STANDS}, changes) == [Closed(WHO, OLD, (3, 1)), Closed(WHO, NEW, (2, 0))]
    again = replace(STANDS, sequence=6, code=NEW, counts=(2, 0), closed={OLD: (3, 1)})
    assert broken_rule_of(again, _update(7, OLD, 1, former=NEW)) == UPDATE_SEQUENCE


@pytest.mark.parametrize(
    ("mark", "code"),
    [("update-forbidden", "PREFECTURE-UPDATE-FORBIDDEN"), ("exclusive", "PREFECTURE-EXCLUSIVE")],
)
def test_a_marked_record_takes_no_update_and_says_why(mark: str, code: str) -> None:
    for update in (_update(5, OLD, 4, 1), Update(WHO, 5)):
        with pytest.raises(BrokenRuleError) as refused:
            register({WHO: replace(STANDS, mark=mark)}, [update])
        assert code_of(refused.value) == code


@pytest.mark.parametrize(("sequence", "counts"), [(1, (1, 0)), (3, (2, 0)), (3, (1, 2))])
def test_whoever_is_not_registered_begins(sequence: int, counts: Counts) -> None:
    assert register({}, [_update(sequence, OLD, *counts)]) == []
