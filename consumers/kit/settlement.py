"""What a batch of records comes to, decided purely: apply, hold, release, park, acknowledge, miss."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from consumers.kit.checks import FAR_NUMBER, LARGEST_GAP
from consumers.kit.gate import NumberGate, SequenceGate, Verdict
from consumers.kit.record import Arrival, Finding
from topics.messages.delivery import Delivery

Outcome = Literal["applied", "held", "parked"]
Place = tuple[str, int]
"""Subject and sequence: where a held delivery waits."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The effects of one batch, to be written in one transaction.

    `apply` is in sequence order for each subject. `gates` are the last applied sequences that changed. `outcomes` are
    delivery numbers to acknowledge. `missing` never arrived before a later one did; `found` are late arrivals.
    """

    apply: tuple[Delivery, ...]
    gates: Mapping[str, int]
    hold: tuple[Arrival, ...]
    release: tuple[Place, ...]
    park: tuple[Finding, ...]
    outcomes: Mapping[Outcome, frozenset[int]]
    next_number: int
    missing: frozenset[int]
    found: frozenset[int]
    duplicates: int


def settle(
    judged: Iterable[Arrival | Finding],
    numbers: NumberGate,
    applied: Mapping[str, int],
    held: Mapping[Place, Delivery],
) -> Settlement:
    """What `judged`, in topic order, comes to; `applied` and `held` are the state of the subjects in it."""
    settling = _Settling(numbers, applied, held)
    for one in judged:
        settling.take(one)
    return settling.result()


class _Settling:
    def __init__(self, numbers: NumberGate, applied: Mapping[str, int], held: Mapping[Place, Delivery]) -> None:
        self._numbers = numbers
        self._before = applied
        self._gates = {subject: SequenceGate(sequence) for subject, sequence in applied.items()}
        self._waiting = dict(held)
        for (subject, sequence), delivery in held.items():
            gate = self._gates.get(subject, SequenceGate()).hold(sequence)
            self._gates[subject] = gate.pass_over(delivery.supersedes or ())
        self._apply: list[Delivery] = []
        self._hold: dict[Place, Arrival] = {}
        self._release: list[Place] = []
        self._park: list[Finding] = []
        self._outcomes: dict[Outcome, set[int]] = {"applied": set(), "held": set(), "parked": set()}
        self._missing: set[int] = set()
        self._found: set[int] = set()
        self._duplicates = 0

    def take(self, one: Arrival | Finding) -> None:
        number = one.number if isinstance(one, Finding) else one.delivery.number
        if number is not None and number - self._numbers.next > LARGEST_GAP:
            self._park.append(Finding(one.record, FAR_NUMBER))
            return
        if number is not None:
            self._number(number)
        if isinstance(one, Finding):
            self._set_aside(one)
        else:
            self._sequence(one)

    def _number(self, number: int) -> None:
        late = number < self._numbers.next
        self._numbers, skipped = self._numbers.admit(number)
        self._missing.update(skipped)
        if late:
            self._missing.discard(number)
            self._found.add(number)

    def _set_aside(self, finding: Finding) -> None:
        self._park.append(finding)
        if finding.number is not None:
            self._outcomes["parked"].add(finding.number)

    def _sequence(self, arrival: Arrival) -> None:
        delivery = arrival.delivery
        gate = self._pass_over(delivery)
        match gate.verdict(delivery.sequence):
            case Verdict.APPLY:
                self._gates[delivery.subject], released = gate.apply()
                self._applied(delivery)
                self._release_held(delivery.subject, released)
            case Verdict.HOLD:
                self._gates[delivery.subject] = gate.hold(delivery.sequence)
                self._wait(arrival)
            case Verdict.DUPLICATE:
                self._duplicates += 1
                if delivery.sequence <= gate.applied:
                    self._outcomes["applied"].add(delivery.number)

    def _pass_over(self, delivery: Delivery) -> SequenceGate:
        """The resident's gate, which waits no more for what this recipient refused and the delivery stands for."""
        gate = self._gates.get(delivery.subject, SequenceGate()).pass_over(delivery.supersedes or ())
        gate, released = gate.release()
        self._gates[delivery.subject] = gate
        self._release_held(delivery.subject, released)
        return gate

    def _release_held(self, subject: str, sequences: range) -> None:
        for place in [(subject, sequence) for sequence in sequences]:
            if place in self._waiting:
                self._applied(self._let_go(place))

    def _applied(self, delivery: Delivery) -> None:
        self._apply.append(delivery)
        self._outcomes["applied"].add(delivery.number)

    def _wait(self, arrival: Arrival) -> None:
        place = (arrival.delivery.subject, arrival.delivery.sequence)
        self._waiting[place] = arrival.delivery
        self._hold[place] = arrival

    def _let_go(self, place: Place) -> Delivery:
        if self._hold.pop(place, None) is None:
            self._release.append(place)
        return self._waiting.pop(place)

    def result(self) -> Settlement:
        self._outcomes["held"] = {arrival.delivery.number for arrival in self._hold.values()}
        return Settlement(
            apply=tuple(self._apply),
            gates={s: g.applied for s, g in self._gates.items() if g.applied != self._before.get(s, 0)},
            hold=tuple(self._hold.values()),
            release=tuple(self._release),
            park=tuple(self._park),
            outcomes={outcome: frozenset(numbers) for outcome, numbers in self._outcomes.items() if numbers},
            next_number=self._numbers.next,
            missing=frozenset(self._missing),
            found=frozenset(self._found),
            duplicates=self._duplicates,
        )
