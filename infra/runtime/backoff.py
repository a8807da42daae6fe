"""How long to wait out a fault: longer from time to time, and never exactly as long as others who failed with us."""

import random
from collections.abc import Callable

from infra.runtime.service import Stop, pause

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 10.0


class Backoff:
    """Pauses that double from fault to fault until `reset`, each drawn from the upper half of its length: those who
    were cut off together do not come back together. `chance` gives 0..1."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._longest = FIRST_SECONDS

    def reset(self) -> None:
        """The fault has passed."""
        self._longest = FIRST_SECONDS

    def seconds(self) -> float:
        """The next pause; the one after it is longer."""
        drawn = self._longest * (1 + self._chance()) / 2
        self._longest = min(self._longest * 2, LONGEST_SECONDS)
        return drawn

    async def wait(self, stop: Stop) -> None:
        """Wait the next pause out; returns at once when the process is asked to end."""
        await pause(stop, self.seconds())
