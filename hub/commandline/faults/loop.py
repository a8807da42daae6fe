"""An event loop in which nothing happens by itself: when no task can go on, somebody decides what happens next."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any

from hub.commandline.faults.steps import CURRENT, Process


class Timer(asyncio.TimerHandle):
    """A call that is due at a time, and the process that waits for it."""

    __slots__ = ("process",)
    process: Process | None


class Loop(asyncio.BaseEventLoop):
    """Time stands still but for `fire`; `decide` is called whenever every task waits for something."""

    def __init__(self, decide: Callable[[], None]) -> None:
        super().__init__()
        self.timers: list[Timer] = []
        self._decide = decide
        self._now = 0.0
        self._selector = self
        self.set_exception_handler(lambda _loop, _context: None)  # of processes that were killed

    def time(self) -> float:
        """Seconds since the loop began."""
        return self._now

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Context | None = None
    ) -> Timer:
        """A timer; it may fire later than it is due, as on a busy machine."""
        timer = Timer(when, callback, args, self, context)
        timer.process = CURRENT.get(None)
        self.timers.append(timer)
        return timer

    def fire(self, timer: Timer) -> None:
        """Let a timer's time come."""
        self.timers.remove(timer)
        self._now = max(self._now, timer.when())
        self.call_soon(timer._run)

    def due(self) -> list[Timer]:
        """The timers that were not cancelled."""
        self.timers = [timer for timer in self.timers if not timer.cancelled()]
        return self.timers

    def select(self, timeout: float | None) -> list[Any]:
        """What the base class asks when it has run everything that was ready."""
        if timeout is None:
            self._decide()
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""
