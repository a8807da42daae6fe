"""When a record was written, found without reading it: a search over time with Kafka's ListOffsets. Pure.

ListOffsets by a timestamp tells the first record not older than it, its offset and its time, for the right to DESCRIBE
alone. Records of a topic have the broker's own time (LogAppendTime), which never goes back within a partition.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Place = TypeVar("Place")

NOTHING = -1
"""The offset told when no record is as young as asked."""
SKEW_MILLISECONDS = 3_600_000
"""How far a broker's clock may be ahead of this one's."""
FIRST_STEP_MILLISECONDS = 1_000

Found = tuple[int, int]
"""Offset and time of the first record not older than asked; `NOTHING` and any time when there is none."""
Ask = Callable[[Mapping[Place, int]], Mapping[Place, Found]]
"""One round: for each place a moment in milliseconds."""


@dataclass(slots=True)
class _Search:
    """What is known of the time of `offset`: not before `low` (None: not known yet), and before `high`."""

    offset: int
    high: int
    step: int = FIRST_STEP_MILLISECONDS
    low: int | None = None

    def next(self) -> int:
        """Backwards in growing steps until the record lies in between, then by halves."""
        if self.low is not None:
            return (self.low + self.high) // 2
        self.step *= 8
        return max(0, self.high - self.step)

    def learn(self, asked: int, found: Found) -> None:
        """Take one answer in."""
        offset, moment = found
        if offset == NOTHING or offset > self.offset:
            self.high = asked
        else:
            self.low = moment
            self.high = moment + 1 if offset == self.offset else self.high

    @property
    def is_over(self) -> bool:
        """Whether the time is known, or the record is not there."""
        return self.high <= 0 or (self.low is not None and self.high - self.low <= 1)


def written_at(ask: Ask[Place], wanted: Mapping[Place, int], now: int) -> dict[Place, int]:
    """When the record at each place's offset was written, in milliseconds; a place whose record is gone is left out.

    All places are searched side by side: some thirty rounds for a record of a fortnight ago.
    """
    searches = {place: _Search(offset, now + SKEW_MILLISECONDS) for place, offset in wanted.items()}
    while open_ := {place: search.next() for place, search in searches.items() if not search.is_over}:
        for place, found in ask(open_).items():
            searches[place].learn(open_[place], found)
    return {place: search.low for place, search in searches.items() if search.low is not None}
