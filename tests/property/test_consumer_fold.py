"""Whatever the topic does (doubles, disorder, losses made good later): once, in order, nothing forgotten."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from consumers.kit.fold import Told, fold, tell
from consumers.kit.gate import NumberGate
from consumers.kit.record import Arrival, Finding, Record
from consumers.kit.settlement import Place, settle
from topics.messages.change import RecordState
from topics.messages.delivery import Delivery, DeliveryKind

STATES = [
    (DeliveryKind.CREATED, RecordState.ACTIVE),
    (DeliveryKind.CHANGED, RecordState.ACTIVE),
    (DeliveryKind.CEASED, RecordState.CEASED),
    (DeliveryKind.ANNULLED, RecordState.ABSENT),
    (DeliveryKind.TOMBSTONE, RecordState.ABSENT),
]


@dataclass
class Store:
    """What a recipient's database holds between batches."""

    next_number: int = 1
    gates: dict[str, int] = field(default_factory=dict)
    held: dict[Place, Delivery] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)
    applied: list[Delivery] = field(default_factory=list)
    acknowledged: dict[int, str] = field(default_factory=dict)
    refuses: set[int] = field(default_factory=set)

    def take(self, deliveries: list[Delivery]) -> None:
        judged = [self._judge(delivery) for delivery in deliveries]
        done = settle(judged, NumberGate(self.next_number), self.gates, self.held)
        self.next_number = done.next_number
        self.gates |= done.gates
        for place in done.release:
            del self.held[place]
        self.held |= {(a.delivery.subject, a.delivery.sequence): a.delivery for a in done.hold}
        self.missing = (self.missing | done.missing) - done.found
        self.applied += done.apply
        for outcome, numbers in done.outcomes.items():
            self.acknowledged |= dict.fromkeys(numbers, outcome)

    def _judge(self, delivery: Delivery) -> Arrival | Finding:
        record = Record(0, b"", b"")
        if delivery.number in self.refuses:
            return Finding(record, "SYNTHETIC-RULE", delivery.number)
        return Arrival(record, delivery)


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
    store = Store()
    for batch in _in_batches(data, arriving):
        store.take(batch)
    for subject in {d.subject for d in sent}:
        mine = [d.number for d in store.applied if d.subject == subject]
        assert mine == [d.number for d in sent if d.subject == subject]
    assert (store.held, store.missing) == ({}, set())
    assert store.acknowledged == {d.number: "applied" for d in sent}


@given(deliveries(), st.data())
def test_what_is_lost_is_known_and_holds_its_own_resident_only(sent: list[Delivery], data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(sent))
    store = Store()
    for batch in _in_batches(data, [d for d in sent if d != lost]):
        store.take(batch)
    assert store.missing == ({lost.number} if lost.number < len(sent) else set())
    waiting = {d.number for d in sent if d.subject == lost.subject and d.sequence > lost.sequence}
    assert {d.number for d in store.held.values()} == waiting
    assert {n for n, outcome in store.acknowledged.items() if outcome == "held"} == waiting
    store.take([lost])
    assert (store.held, store.missing, len(store.applied)) == ({}, set(), len(sent))


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
    store = Store(refuses=refused)
    for batch in _in_batches(data, data.draw(st.permutations([*sent, *doubles]))):
        store.take(batch)
    for subject in {d.subject for d in sent}:
        mine = [d.number for d in store.applied if d.subject == subject]
        assert mine == [d.number for d in sent if d.subject == subject and d.number not in refused]
    assert (store.held, store.missing) == ({}, set())
    assert store.acknowledged == {d.number: "parked" if d.number in refused else "applied" for d in sent}


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
