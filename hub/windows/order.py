"""The order in which a window's rows are sent on. Pure but for the randomness that is given."""

from collections import defaultdict, deque
from collections.abc import Sequence
from random import Random


def newest(residents: Sequence[str]) -> list[int]:
    """Of rows in their order, given by whom each concerns: which are the last of their resident, in order.

    How many changes a person has in one window would join that person across two recipients; a delivery carries the
    whole state, so that the last tells all.
    """
    return sorted({resident: index for index, resident in enumerate(residents)}.values())


def interleaving(residents: Sequence[str], random: Random) -> list[int]:
    """An order of rows, given by whom each concerns: every order that keeps each resident's own is equally likely."""
    shuffled = list(residents)
    random.shuffle(shuffled)
    rows: defaultdict[str, deque[int]] = defaultdict(deque)
    for index, resident in enumerate(residents):
        rows[resident].append(index)
    return [rows[resident].popleft() for resident in shuffled]
