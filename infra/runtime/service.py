"""The life of a role's process: run until a signal asks it to stop, or until something it cannot mend."""

import asyncio
import resource
import signal
from collections.abc import Awaitable, Callable

Stop = asyncio.Event
"""Set when the process is asked to end; a loop looks at it between batches and returns."""


async def serve(run: Callable[[Stop], Awaitable[None]]) -> None:
    """Run `run` with an event that SIGTERM and SIGINT set; returns when `run` returns, raises what it raises."""
    _leave_no_core()
    stop = Stop()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)


def _leave_no_core() -> None:
    """A crash must not write memory, and the numbers in it, to a disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


async def pause(stop: Stop, seconds: float) -> None:
    """Wait `seconds`, or less when the process is asked to end."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
