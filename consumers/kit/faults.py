"""Faults that pass: which they are, and how long to wait them out."""

from aiokafka.errors import KafkaError

from infra.runtime.postgres import DATABASE_ERRORS
from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop, pause

TRANSIENT = (OSError, TimeoutError, KafkaError, *DATABASE_ERRORS, Refusal)
"""Servers away, connections cut, rights withdrawn: nothing is lost by waiting, and nothing is gained by ending."""

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 10.0


class Backoff:
    """A pause that doubles from fault to fault until `reset`."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._seconds = FIRST_SECONDS

    def reset(self) -> None:
        """The fault has passed."""
        self._seconds = FIRST_SECONDS

    async def wait(self) -> None:
        """Wait, and longer the next time; returns at once when the process is asked to end."""
        await pause(self._stop, self._seconds)
        self._seconds = min(self._seconds * 2, LONGEST_SECONDS)
