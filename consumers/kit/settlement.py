"""What a batch of records comes to, decided purely: apply, hold, release, park, acknowledge, miss."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from consumers.kit.checks import FAR_NUMBER, LARGEST_GAP
from consumers.kit.order import Member, Order, Place, State, spoiled
from consumers.kit.record import Arrival, Finding

Outcome = Literal["applied", "held", "parked"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """The effects of one batch, to be written in one transaction.

    `apply` is in sequence order for each subject, members of a filing side by side. `gates` are the last sequences that
    changed. `hold` and `park` are records to be set aside; `release` wait no longer, `unpark` are parked no longer;
    `spoil` has the code of deliveries that waited and now turn out to be parked. `given_up` will never be applied.
    `outcomes` are delivery numbers to acknowledge. `missing` never arrived before a later one did; `found` are late
    arrivals. `kept_back` counts those held that wait for something parked.
    """

    next_number: int
    apply: tuple[Member, ...] = ()
    gates: Mapping[str, int] = field(default_factory=dict)
    hold: tuple[Arrival, ...] = ()
    park: tuple[Finding, ...] = ()
    release: frozenset[int] = frozenset()
    unpark: frozenset[int] = frozenset()
    spoil: Mapping[int, str] = field(default_factory=dict)
    given_up: frozenset[int] = frozenset()
    outcomes: Mapping[Outcome, frozenset[int]] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()
    found: frozenset[int] = frozenset()
    duplicates: int = 0
    kept_back: int = 0


def settle(judged: Iterable[Arrival | Finding], state: State, refused: Mapping[int, str] | None = None) -> Settlement:
    """What `judged`, in topic order, comes to.

    `refused` has the code of each delivery, by number, that was found to be parked only when its turn had come: the
    batch is decided anew, as if that had been known.
    """
    arrived = list(judged)
    settling = _Settling(state, refused or {}, [one.member for one in arrived if one.member is not None])
    for one in arrived:
        settling.take(one)
    return settling.result()


@dataclass(slots=True)
class _Settling:
    state: State
    refused: Mapping[int, str]
    coming: Sequence[Member]
    order: Order = field(init=False)
    apply: list[Member] = field(default_factory=list)
    hold: dict[Place, Arrival] = field(default_factory=dict)
    park: dict[Place | int, Finding] = field(default_factory=dict)
    spoil: dict[int, str] = field(default_factory=dict)
    unpark: set[int] = field(default_factory=set)
    applied_again: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    found: set[int] = field(default_factory=set)
    duplicates: int = 0

    def __post_init__(self) -> None:
        self.spoil = {m.number: self.refused[m.number] for m in self.state.waiting if m.number in self.refused}
        self.order = Order(spoiled(self.state, self.spoil), self.coming)

    def take(self, one: Arrival | Finding) -> None:
        member = one.member
        if member is None:
            self.park[one.record.offset] = Finding(one.record, one.code) if isinstance(one, Finding) else _far(one)
        elif member.number - self.order.numbers.next > LARGEST_GAP:
            self.park[one.record.offset] = _far(one)
        else:
            self._admit(member.number)
            if self._is_double(member, good=isinstance(one, Arrival)):
                self.duplicates += 1
            else:
                self._new(one, member)

    def _admit(self, number: int) -> None:
        skipped, late = self.order.admit(number)
        self.missing = (self.missing | skipped) - {number}
        if late:
            self.found.add(number)

    def _is_double(self, member: Member, *, good: bool) -> bool:
        """Whether this place was settled before; one that is parked is still open to a delivery that is good."""
        if self.order.has_gone(member):
            passed = (one.number for one in self.order.passed_over)
            if member.number not in {*self.state.given_up, *passed}:
                self.applied_again.add(member.number)
            return True
        return self.order.waits(member) or (self.order.is_parked(member) and not (good and self._heals(member)))

    def _heals(self, member: Member) -> bool:
        """A delivery parked before this batch comes again, and nothing is amiss with it now."""
        return member.place not in self.park and member.number not in self.refused

    def _new(self, one: Arrival | Finding, member: Member) -> None:
        if isinstance(one, Arrival) and member.number in self.refused:
            one = Finding(one.record, self.refused[member.number], member)
        if isinstance(one, Finding):
            self.order.park(member)
            self.park[member.place] = one
        else:
            if self.order.is_parked(member):
                self.order.unpark(member)
                self.unpark.add(member.number)
            self.order.wait(member)
            self.hold[member.place] = one
        self.apply += self.order.flow([member])

    def result(self) -> Settlement:
        gone = {member.number for member in self.apply}
        hold = tuple(arrival for arrival in self.hold.values() if arrival.number not in gone)
        passed = {member.number for member in self.order.passed_over}
        moved = {member.subject for member in (*self.apply, *self.order.passed_over)}
        return Settlement(
            next_number=self.order.numbers.next,
            apply=tuple(self.apply),
            gates={subject: self.order.applied(subject) for subject in moved},
            hold=hold,
            park=tuple(finding for finding in self.park.values() if finding.number not in passed),
            release=frozenset(gone - {arrival.number for arrival in self.hold.values()}),
            unpark=frozenset(self.unpark | (passed - {finding.number for finding in self.park.values()})),
            spoil=self.spoil,
            given_up=frozenset(passed),
            outcomes=self._outcomes(hold),
            missing=frozenset(self.missing),
            found=frozenset(self.found),
            duplicates=self.duplicates,
            kept_back=self._kept_back(hold),
        )

    def _outcomes(self, hold: tuple[Arrival, ...]) -> dict[Outcome, frozenset[int]]:
        parked = {finding.number for finding in self.park.values() if finding.number is not None}
        told: dict[Outcome, frozenset[int]] = {
            "applied": frozenset({member.number for member in self.apply} | self.applied_again),
            "held": frozenset(arrival.number for arrival in hold),
            "parked": frozenset(parked | self.spoil.keys()),
        }
        return {outcome: numbers for outcome, numbers in told.items() if numbers}

    def _kept_back(self, hold: tuple[Arrival, ...]) -> int:
        if not hold:
            return 0
        kept = {member.number for member in self.order.behind(self.order.parked)}
        return sum(arrival.number in kept for arrival in hold)


def _far(one: Arrival | Finding) -> Finding:
    return Finding(one.record, FAR_NUMBER)
