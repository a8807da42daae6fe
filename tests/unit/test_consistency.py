"""What the check of consistency finds, decided purely: items by number, never a value; nothing under way is found."""

import pytest

from consumers.kit.consistency import Compared, Difference, Lane, Row, Stands, compare
from infra.check.consistency import Present, batches
from infra.check.sources import Standing, Standings
from topics.declared import declared_by_recipient
from topics.items.identity import IDENTITY_FILE
from topics.messages.consistency import ConsistencyBatch

GRANT = declared_by_recipient()["prefecture"]
ITEMS = {"name": "合成　花子", "address": "合成町1", "sex": "2", "resident_code": "24727059608"}
RIGHT = Row(3, "active", ITEMS)


def _list(*standings: Standing, vague: frozenset[str] = frozenset(), state: str = "active") -> ConsistencyBatch:
    entitled = {each.addressee_number: Present(state, ITEMS, vague) for each in standings}
    (batch,) = batches(GRANT, "142158", Standings(1, 9, standings), entitled)
    return batch


HANAKO = Standing("r-1", "subject-1", sequence=3, number=7, settled=True)


def _compared(batch: ConsistencyBatch, *, reached: int = 9, missing: int = 0, **stands: Stands) -> Compared:
    result = Compared()
    lane = Lane(reached, frozenset({missing}), IDENTITY_FILE.fields(batch.items), 29, 35)
    compare(lane, batch, {subject.replace("_", "-"): each for subject, each in stands.items()}, result)
    return result


def _found(here: Stands, batch: ConsistencyBatch | None = None) -> list[tuple[str, tuple[int, ...]]]:
    return [(each.kind, each.items) for each in _compared(batch or _list(HANAKO), subject_1=here).differences]


def test_what_is_right_is_equal() -> None:
    found = _compared(_list(HANAKO), subject_1=Stands(3, row=RIGHT))
    assert (found.equal, found.compared, found.under_way) == (True, 1, 0)


@pytest.mark.parametrize(
    ("row", "items"),
    [
        (Row(3, "active", {**ITEMS, "sex": "1"}), (7,)),
        (Row(3, "active", {**ITEMS, "name": "合成　太郎", "resident_code": None}), (1, 2)),
        (Row(3, "active", {**ITEMS, "postal_code": "2520001"}), (10,)),
        (Row(3, "ceased", ITEMS), (35,)),
        (Row(2, "active", ITEMS), (29,)),
    ],
)
def test_what_is_different_is_named_by_item_numbers(row: Row, items: tuple[int, ...]) -> None:
    assert _found(Stands(3, row=row)) == [("different", items)]


def test_who_has_no_row_is_missing_and_who_ought_not_to_have_one_is_surplus() -> None:
    assert _found(Stands(3)) == [("missing", ())]
    assert _found(Stands()) == [("missing", ())]
    assert _found(Stands(3, row=RIGHT), _list(HANAKO, state="absent")) == [("surplus", ())]
    assert _found(Stands(3), _list(HANAKO, state="absent")) == []


def test_an_item_that_changed_since_and_need_not_be_told_is_not_compared() -> None:
    here = Stands(3, row=Row(3, "active", {**ITEMS, "relationship": "01"}))
    assert _found(here) == [("different", (20,))]
    assert _found(here, _list(HANAKO, vague=frozenset({"relationship"}))) == []


@pytest.mark.parametrize(
    ("here", "missing", "settled"), [(Stands(4), 0, True), (Stands(2), 7, True), (Stands(2), 0, False)]
)
def test_what_is_under_way_is_no_difference(here: Stands, missing: int, settled: bool) -> None:
    standing = Standing("r-1", "subject-1", 3, 7, settled)
    found = _compared(_list(standing), missing=missing, subject_1=here)
    assert (found.equal, found.under_way, found.compared) == (True, 1, 0)


def test_who_waits_behind_something_parked_is_counted_apart() -> None:
    found = _compared(_list(HANAKO), subject_1=Stands(2, kept_back=True))
    assert (found.equal, found.kept_back) == (True, 1)


def test_of_whom_the_list_does_not_know_is_surplus_unless_she_came_after_it() -> None:
    nobody = Stands(None, row=RIGHT)
    assert _compared(_list(), subject_2=nobody, reached=10).differences == [Difference("surplus", "subject-2")]
    assert _compared(_list(), subject_2=Stands(1, row=RIGHT), reached=10).under_way == 1
    assert not _compared(_list(), subject_2=Stands(1, row=RIGHT)).equal
    assert _compared(_list(), subject_2=Stands(4)).equal


def test_of_whom_nothing_was_sent_is_counted() -> None:
    (batch,) = batches(GRANT, "142158", Standings(1, 9, ()), {"r-1": Present("active", ITEMS, frozenset())})
    found = _compared(batch)
    assert (found.equal, found.untold) == (False, 1)


def test_a_list_holds_no_value_and_two_lists_have_no_digest_in_common() -> None:
    first, second = _list(HANAKO), _list(HANAKO)
    assert not any(value.encode() in first.to_wire() for value in ITEMS.values() if len(value) > 1)
    told = [{digest for digest in batch.residents[0].digests if digest} for batch in (first, second)]
    assert len(told[0]) == len(first.items) and not told[0] & told[1]
    assert first.key not in repr(first)
