"""A parked delivery keeps back its filing and its residents, whatever the topic does, and nobody else."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.kit.giving_up import discard, release
from infra.runtime.refusals import Refusal
from tests.property.lane import Lane
from topics.messages.change import RecordState
from topics.messages.delivery import Delivery, DeliveryGroup, DeliveryKind


def _delivery(number: int, subject: str, sequence: int, group: DeliveryGroup) -> Delivery:
    return Delivery(
        recipient="welfare", municipality="142158", generation=1, number=number, sequence=sequence, subject=subject,
        kind=DeliveryKind.CHANGED, state=RecordState.ACTIVE, group=group, items={"remarks": str(number)},
    )  # fmt: skip


@st.composite
def filings(draw: st.DrawFn) -> list[Delivery]:
    """What a hub sends of filings of one to four residents each."""
    sequences: dict[str, int] = {}
    sent: list[Delivery] = []
    for name, subjects in enumerate(
        draw(
            st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True), min_size=1, max_size=14)
        )
    ):
        for index, subject in enumerate(subjects, start=1):
            sequences[subject] = sequences.get(subject, 0) + 1
            group = DeliveryGroup(id=str(name), index=index, count=len(subjects))
            sent.append(_delivery(len(sent) + 1, subject, sequences[subject], group))
    return sent


def _arriving(data: st.DataObject, sent: list[Delivery]) -> list[list[Delivery]]:
    """Out of order, some twice, in batches."""
    doubles = data.draw(st.lists(st.sampled_from(sent), max_size=10))
    arriving = data.draw(st.permutations([*sent, *doubles]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(arriving)), max_size=6)) | {0, len(arriving)})
    return [arriving[start:end] for start, end in pairwise(cuts)]


def _kept_back(sent: list[Delivery], amiss: frozenset[int]) -> set[int]:
    """By definition: whose filing holds something amiss, or follows a delivery kept back of the same resident."""
    kept: set[int] = set()
    touched: set[str] = set()
    by_filing: dict[str, list[Delivery]] = {}
    for delivery in sent:
        assert delivery.group is not None
        by_filing.setdefault(delivery.group.id, []).append(delivery)
    for members in by_filing.values():
        if any(d.number in amiss or d.subject in touched for d in members):
            kept |= {d.number for d in members}
            touched |= {d.subject for d in members}
    return kept


def _in_order(lane: Lane, sent: list[Delivery]) -> None:
    for subject in {d.subject for d in sent}:
        mine = [d.number for d in lane.applied if d.subject == subject]
        assert mine == sorted(set(mine))


def _as_a_whole(lane: Lane, sent: list[Delivery]) -> None:
    """No filing is applied in parts: its members go in one transaction, but for what was given up."""
    batch_of = {number: n for n, numbers in enumerate(lane.batches) for number in numbers}
    for name in {d.group.id for d in sent if d.group}:
        numbers = {d.number for d in sent if d.group and d.group.id == name} - lane.given_up
        assert len({batch_of.get(number) for number in numbers}) <= 1


def _amiss(data: st.DataObject, sent: list[Delivery], most: int = 3) -> Lane:
    numbers = st.frozensets(st.sampled_from([d.number for d in sent]), max_size=most)
    return Lane(poison=data.draw(numbers), unfit=data.draw(numbers))


@given(filings(), st.data())
def test_what_is_amiss_keeps_back_its_filing_and_its_residents_and_nobody_else(
    sent: list[Delivery], data: st.DataObject
) -> None:
    lane = _amiss(data, sent)
    for batch in _arriving(data, sent):
        lane.take(batch)
    kept = _kept_back(sent, lane.poison | lane.unfit)
    assert {d.number for d in lane.applied} == {d.number for d in sent} - kept
    assert lane.waiting.keys() | lane.parked.keys() == kept
    assert lane.parked.keys() >= lane.poison
    assert {n for n, told in lane.acknowledged.items() if told == "parked"} == lane.parked.keys()
    assert {n for n, told in lane.acknowledged.items() if told == "held"} == lane.waiting.keys()
    _in_order(lane, sent)
    _as_a_whole(lane, sent)


@given(filings(), st.data())
def test_after_a_repair_everything_is_applied_once_in_order_and_as_a_whole(
    sent: list[Delivery], data: st.DataObject
) -> None:
    lane = _amiss(data, sent)
    batches = _arriving(data, sent)
    turn = data.draw(st.integers(0, len(batches)))
    for batch in batches[:turn]:
        lane.take(batch)
    lane.poison = lane.unfit = frozenset()
    lane.retry()
    for batch in batches[turn:]:
        lane.take(batch)
    assert sorted(d.number for d in lane.applied) == [d.number for d in sent]
    assert (lane.waiting, lane.parked, lane.missing) == ({}, {}, set())
    assert set(lane.acknowledged.values()) == {"applied"}
    _in_order(lane, sent)
    _as_a_whole(lane, sent)


@given(filings(), st.data())
def test_giving_up_comes_to_an_end_and_leaves_nothing_waiting(sent: list[Delivery], data: st.DataObject) -> None:
    lane = _amiss(data, sent)
    for batch in _arriving(data, sent):
        lane.take(batch)
    lane.unfit = frozenset()
    while lane.parked:
        before = len(lane.given_up)
        for number in sorted(lane.parked):
            with_all = data.draw(st.booleans())
            try:
                lane.write(discard(number, lane.state()) if with_all else release(number, lane.state(), {}))
            except Refusal as refusal:
                assert refusal.code in ("KIT-PARKED-ORDER", "KIT-PARKED-NONE")
        assert len(lane.given_up) > before
    assert (lane.waiting, lane.missing) == ({}, set())
    assert {d.number for d in lane.applied} | lane.given_up == {d.number for d in sent}
    assert not {d.number for d in lane.applied} & lane.given_up
    last = {d.subject: d.sequence for d in sent}
    assert {subject: lane.gates[subject] for subject in last} == last
    _in_order(lane, sent)
    _as_a_whole(lane, sent)


def test_a_filing_is_not_given_up_while_a_part_of_it_is_missing() -> None:
    sent = [_delivery(n, s, 1, DeliveryGroup(id="g", index=n, count=3)) for n, s in enumerate("abc", start=1)]
    half = Lane(poison=frozenset({1}))
    half.take(sent[:2])
    with pytest.raises(Refusal, match="KIT-PARKED-GAP"):
        discard(1, half.state())


def test_a_poison_whose_filing_nobody_knows_keeps_back_those_who_know_that_it_is_theirs() -> None:
    sent = [_delivery(n, s, 1, DeliveryGroup(id="g", index=n, count=3)) for n, s in enumerate("abc", start=1)]
    lane = Lane(poison=frozenset({2}))
    for delivery in sent:
        lane.take([delivery])
    assert not lane.applied
    assert (set(lane.waiting), set(lane.parked)) == ({1, 3}, {2})
    lane.write(release(2, lane.state(), {}))
    assert [d.number for d in lane.applied] == [1, 3]
