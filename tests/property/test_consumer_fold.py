"""Whatever the topic does (doubles, disorder, losses made good later): once, in order, nothing forgotten."""

from hypothesis import given
from hypothesis import strategies as st

from consumers.kit.fold import Told, fold, tell
from tests.property.lane import Lane
from topics.messages.change import RecordState
from topics.messages.delivery import Delivery, DeliveryKind

STATES = [
    (DeliveryKind.CREATED, RecordState.ACTIVE),
    (DeliveryKind.CHANGED, RecordState.ACTIVE),
    (DeliveryKind.CEASED, RecordState.CEASED),
    (DeliveryKind.ANNULLED, RecordState.ABSENT),
    (DeliveryKind.TOMBSTONE, RecordState.ABSENT),
]


@st.composite
def deliveries(draw: st.DrawFn) -> list[Delivery]:
    """What a hub sends: numbers 1..n, sequences 1..n for each resident."""
    sequences: dict[str, int] = {}
    sent = []
    for number, subject in enumerate(draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=40)), start=1):
        sequences[subject] = sequences.get(subject, 0) + 1
        kind, state = draw(st.sampled_from(STATES))
        sent.append(
            Delivery(
                recipient="welfare",
                municipality="142158",
                generation=1,
                number=number,
                sequence=sequences[subject],
                subject=subject,
                kind=kind,
                state=state,
                items={} if state is RecordState.ABSENT else {"remarks": str(number)},
            )
        )
    return sent


def _in_batches(data: st.DataObject, sent: list[Delivery]) -> list[list[Delivery]]:
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(sent) - 1)), max_size=6)) if len(sent) > 1 else [])
    return [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]


@given(deliveries(), st.data())
def test_everything_is_applied_once_in_order_and_acknowledged(sent: list[Delivery], data: st.DataObject) -> None:
    doubles = data.draw(st.lists(st.sampled_from(sent), max_size=20))
    arriving = data.draw(st.permutations([*sent, *doubles]))
    lane = Lane()
    for batch in _in_batches(data, arriving):
        lane.take(batch)
    for subject in {d.subject for d in sent}:
        mine = [d.number for d in lane.applied if d.subject == subject]
        assert mine == [d.number for d in sent if d.subject == subject]
    assert (lane.waiting, lane.missing) == ({}, set())
    assert lane.acknowledged == {d.number: "applied" for d in sent}


@given(deliveries(), st.data())
def test_what_is_lost_is_known_and_holds_its_own_resident_only(sent: list[Delivery], data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(sent))
    lane = Lane()
    for batch in _in_batches(data, [d for d in sent if d != lost]):
        lane.take(batch)
    assert lane.missing == ({lost.number} if lost.number < len(sent) else set())
    waiting = {d.number for d in sent if d.subject == lost.subject and d.sequence > lost.sequence}
    assert lane.waiting.keys() == waiting
    assert {n for n, outcome in lane.acknowledged.items() if outcome == "held"} == waiting
    lane.take([lost])
    assert (lane.waiting, lane.missing, len(lane.applied)) == ({}, set(), len(sent))


@st.composite
def with_refusals(draw: st.DrawFn) -> tuple[list[Delivery], set[int]]:
    """What a hub sends when some is refused: the resident's next delivery stands for it, the last one is taken."""
    sent, refused = draw(deliveries()), set[int]()
    open_of: dict[str, list[int]] = {}
    last = {delivery.subject: delivery.number for delivery in sent}
    told = []
    for delivery in sent:
        passed = tuple(open_of.get(delivery.subject, ()))
        told.append(delivery.model_copy(update={"supersedes": passed or None}))
        if delivery.number != last[delivery.subject] and draw(st.booleans()):
            refused.add(delivery.number)
            open_of.setdefault(delivery.subject, []).append(delivery.sequence)
    return told, refused


@given(with_refusals(), st.data())
def test_what_is_refused_holds_nobody_once_a_later_delivery_stands_for_it(
    told: tuple[list[Delivery], set[int]], data: st.DataObject
) -> None:
    sent, refused = told
    doubles = data.draw(st.lists(st.sampled_from(sent), max_size=20))
    lane = Lane(poison=frozenset(refused))
    for batch in _in_batches(data, data.draw(st.permutations([*sent, *doubles]))):
        lane.take(batch)
    for subject in {d.subject for d in sent}:
        mine = [d.number for d in lane.applied if d.subject == subject]
        assert mine == [d.number for d in sent if d.subject == subject and d.number not in refused]
    assert (lane.waiting, lane.missing) == ({}, set())
    assert lane.acknowledged == {d.number: "parked" if d.number in refused else "applied" for d in sent}
    assert (lane.parked, lane.given_up) == ({}, refused)


@given(deliveries(), st.data())
def test_a_fold_does_not_depend_on_where_batches_end(sent: list[Delivery], data: st.DataObject) -> None:
    rows: dict[str, Told] = {}
    for batch in _in_batches(data, sent):
        folded = fold(batch)
        rows |= {row.subject: row for row in folded.kept}
        for subject in folded.gone:
            rows.pop(subject, None)
    assert rows == {row.subject: row for row in fold(sent).kept}
    for subject in {d.subject for d in sent}:
        assert rows.get(subject) == tell([d for d in sent if d.subject == subject][-1])
