"""A lane without a database: what a recipient's rows would hold between batches."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from consumers.kit.order import Member, State, alone
from consumers.kit.record import Arrival, Finding, Record
from consumers.kit.settlement import Settlement, settle
from topics.messages.delivery import Delivery

POISON = "KIT-UNDECODABLE"


@dataclass
class Lane:
    """What is settled, by number. `poison` cannot be read, and nothing is known of its filing; `unfit` can be read and
    not be applied."""

    poison: frozenset[int] = frozenset()
    unfit: frozenset[int] = frozenset()
    next_number: int = 1
    gates: dict[str, int] = field(default_factory=dict)
    waiting: dict[int, tuple[Member, Delivery]] = field(default_factory=dict)
    parked: dict[int, tuple[Member, Delivery]] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)
    given_up: set[int] = field(default_factory=set)
    applied: list[Delivery] = field(default_factory=list)
    batches: list[list[int]] = field(default_factory=list)
    acknowledged: dict[int, str] = field(default_factory=dict)

    def state(self) -> State:
        """As the database would tell it."""
        return State(
            next_number=self.next_number,
            applied=dict(self.gates),
            waiting=[member for member, _ in self.waiting.values()],
            parked=[member for member, _ in self.parked.values()],
            missing=frozenset(self.missing),
            given_up=frozenset(self.given_up),
        )

    def take(self, deliveries: Iterable[Delivery]) -> None:
        """One batch."""
        arrived = {delivery.number: delivery for delivery in deliveries}
        judged = [self._judged(delivery) for delivery in deliveries]
        refused: dict[int, str] = {}
        while True:
            settlement = settle(judged, self.state(), refused)
            amiss = next((m.number for m in settlement.apply if m.number in self.unfit), None)
            if amiss is None:
                break
            refused[amiss] = POISON
        self.write(settlement, arrived)

    def retry(self) -> None:
        """Judge everything that is parked anew."""
        again = [delivery for _, (_, delivery) in sorted(self.parked.items())]
        self.parked = {}
        self.take(again)

    def write(self, done: Settlement, arrived: dict[int, Delivery] | None = None) -> None:
        """The effects of a settlement."""
        known = {n: d for n, (_, d) in self.waiting.items()} | (arrived or {})
        self.next_number = done.next_number
        self.gates |= done.gates
        self.applied += [known[member.number] for member in done.apply]
        self.batches.append([member.number for member in done.apply])
        for number in done.spoil:
            self.parked[number] = self.waiting.pop(number)
        for number in done.release:
            del self.waiting[number]
        for number in done.unpark:
            del self.parked[number]
        for arrival in done.hold:
            self.waiting[arrival.number] = (arrival.member, arrival.delivery)
        for finding in done.park:
            assert finding.member is not None
            self.parked[finding.member.number] = (finding.member, known[finding.member.number])
        self.missing = (self.missing | done.missing) - done.found
        self.given_up |= done.given_up
        for outcome, numbers in done.outcomes.items():
            self.acknowledged |= dict.fromkeys(numbers, outcome)

    def _judged(self, delivery: Delivery) -> Arrival | Finding:
        record = Record(delivery.number, b"", b"")
        if delivery.number in self.poison:
            return Finding(record, POISON, alone(delivery.subject, delivery.sequence, delivery.number))
        return Arrival(record, delivery)
