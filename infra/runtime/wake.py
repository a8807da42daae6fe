"""A bell between tasks of one process: what was rung between a look and the sleep after it is not missed."""

import asyncio
from contextlib import suppress


class Wake:
    """Any number of sleepers hear it; each compares `rung` from before its look."""

    def __init__(self) -> None:
        self.rung = 0
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """There may be work: whoever sleeps wakes."""
        self.rung += 1
        self._bell.set()
        self._bell = asyncio.Event()

    async def after(self, seen: int, seconds: float) -> None:
        """Return once it has been rung more often than `seen`, or after so many seconds."""
        if self.rung == seen:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), seconds)
