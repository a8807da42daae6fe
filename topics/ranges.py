"""Numbers as people write them: neighbours as one range."""

from collections.abc import Iterable


def ranges(numbers: Iterable[int]) -> str:
    """1, 4, 5, 6 becomes ``1, 4-6``."""
    told: list[list[int]] = []
    for number in sorted(numbers):
        if told and told[-1][-1] == number - 1:
            told[-1].append(number)
        else:
            told.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in told)
