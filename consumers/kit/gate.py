"""The number gate sees what never arrived at all; it does not know where its state is kept."""

from collections.abc import Iterable
from dataclasses import dataclass

from topics.messages.change import LARGEST_COUNT


@dataclass(frozen=True, slots=True)
class NumberGate:
    """A municipality's gate: `next` is one more than the highest delivery number seen."""

    next: int = 1

    def admit(self, number: int) -> tuple["NumberGate", range]:
        """The gate after `number`, and the numbers skipped by it (empty unless it leaves a gap)."""
        if number < self.next:
            return self, range(0)
        return NumberGate(number + 1), range(self.next, number)


def ranges(numbers: Iterable[int], longest: int = LARGEST_COUNT) -> list[range]:
    """`numbers` as the fewest contiguous ranges of at most `longest`, in order."""
    found: list[range] = []
    for number in sorted(set(numbers)):
        if found and found[-1].stop == number and len(found[-1]) < longest:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found
