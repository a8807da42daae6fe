"""The gates: what to do with a delivery, judged by its numbers alone.

The sequence gate lets each resident's deliveries through in order, once; a gap holds that resident and nobody else.
The number gate sees what never arrived at all. Neither knows where its state is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the sequence gate says to a delivery."""

    APPLY = "apply"
    DUPLICATE = "duplicate"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class SequenceGate:
    """One resident's gate: `applied` is the last sequence let through (0 for none), `held` what waits beyond a gap, or
    is not waited for."""

    applied: int = 0
    held: frozenset[int] = frozenset()

    def verdict(self, sequence: int) -> Verdict:
        """Apply the next sequence, drop what was seen, hold what comes too early."""
        if sequence <= self.applied or sequence in self.held:
            return Verdict.DUPLICATE
        return Verdict.APPLY if sequence == self.applied + 1 else Verdict.HOLD

    def hold(self, sequence: int) -> "SequenceGate":
        """The gate with one more delivery waiting."""
        return SequenceGate(self.applied, self.held | {sequence})

    def pass_over(self, sequences: Iterable[int]) -> "SequenceGate":
        """The gate that no longer waits for `sequences`, since a later delivery stands for them."""
        return SequenceGate(self.applied, self.held.union(each for each in sequences if each > self.applied))

    def apply(self) -> tuple["SequenceGate", range]:
        """The gate after the next sequence went through, and the held sequences that follow it without a gap."""
        return SequenceGate(self.applied + 1, self.held).release()

    def release(self) -> tuple["SequenceGate", range]:
        """The gate after the held sequences that are next without a gap, and these."""
        last = self.applied
        while last + 1 in self.held:
            last += 1
        released = range(self.applied + 1, last + 1)
        return SequenceGate(last, self.held.difference(released)), released


@dataclass(frozen=True, slots=True)
class NumberGate:
    """A municipality's gate: `next` is one more than the highest delivery number seen."""

    next: int = 1

    def admit(self, number: int) -> tuple["NumberGate", range]:
        """The gate after `number`, and the numbers skipped by it (empty unless it leaves a gap)."""
        if number < self.next:
            return self, range(0)
        return NumberGate(number + 1), range(self.next, number)


def ranges(numbers: "frozenset[int] | set[int] | list[int]") -> list[range]:
    """`numbers` as the fewest contiguous ranges, in order."""
    found: list[range] = []
    for number in sorted(set(numbers)):
        if found and found[-1].stop == number:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found
