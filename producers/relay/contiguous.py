"""The relay's rule of order: positions go out strictly +1; a gap stops it."""

from collections.abc import Sequence


class PositionGapError(Exception):
    """The outbox lacks a position: sending on would put changes out of order."""

    def __init__(self, expected: int) -> None:
        super().__init__(f"position {expected} is missing from the outbox")
        self.expected = expected


def contiguous(positions: Sequence[int], cursor: int) -> int:
    """How many of these ascending positions follow `cursor` without a gap; raises when there are some and none does."""
    count = 0
    while count < len(positions) and positions[count] == cursor + count + 1:
        count += 1
    if positions and not count:
        raise PositionGapError(cursor + 1)
    return count
