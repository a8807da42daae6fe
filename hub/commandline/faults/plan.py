"""What a seed stands for: a small world, and the faults that befall it, each at a step of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

CITIES = ("142158", "142123")
"""The first and the third of the partition table: two hub workers have one each."""
FILINGS = (3, 8)
FAULTS = (2, 8)
SPAN = (10, 120)
STEPS_AT_FIRST, STEPS_EACH = 60, 40
"""Faults fall into so many steps, and so many for each filing: about as long as it takes to tell them all."""


class Kind(StrEnum):
    """What can befall a world. Those of a step befall whoever takes it, and what it is about to do."""

    KILL_BEFORE = "killed before it"
    KILL_AFTER = "killed after it"
    FAIL = "it fails"
    UNCONFIRMED = "it is done and not confirmed"
    PAUSE = "stopped, and replaced meanwhile"
    CUT = "cut off"
    REBALANCE = "thrown out of its group"
    DOUBLES = "the relay sends again"
    CLOCK = "clocks jump"
    LATE_NUMBERS = "numbers come late"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, at a step; `span` is how many steps it lasts, where it lasts."""

    kind: Kind
    at: int
    span: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A world and what befalls it; everything that is left to chance is drawn by `seed`."""

    seed: int
    cities: tuple[str, ...]
    hubs: int
    filings: int
    faults: tuple[Fault, ...]

    def smaller(self) -> Iterator["Plan"]:
        """The same world with one thing less."""
        for number in range(len(self.faults)):
            yield replace(self, faults=self.faults[:number] + self.faults[number + 1 :])
        if self.filings > 1:
            yield replace(self, filings=self.filings - 1)
        if len(self.cities) > 1:
            yield replace(self, cities=self.cities[:1])

    def told(self) -> str:
        """The world in one line."""
        faults = ", ".join(f"at step {fault.at} {fault.kind.value}" for fault in self.faults)
        size = f"{len(self.cities)} municipalities, {self.hubs} hub workers, {self.filings} filings"
        return f"{size}: {faults or 'no fault'}"


def plan_of(seed: int, among: Sequence[Kind] = tuple(Kind)) -> Plan:
    """The plan of a seed: some kinds of fault `among` these, not all, so that each has worlds of its own."""
    random = Random(seed)  # noqa: S311 - a plan is to be repeatable
    cities, filings = CITIES[: 1 + (random.random() < 0.2)], random.randint(*FILINGS)
    kinds = random.sample(list(among), random.randint(1, len(among)))
    steps = STEPS_AT_FIRST + STEPS_EACH * filings * len(cities)
    faults = [
        Fault(random.choice(kinds), random.randint(1, steps), random.randint(*SPAN))
        for _ in range(random.randint(*FAULTS))
    ]
    return Plan(seed, cities, random.choice((1, 1, 2)), filings, tuple(sorted(faults, key=lambda fault: fault.at)))
