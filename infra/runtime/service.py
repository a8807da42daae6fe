"""The life of a role's process: run until a signal asks it to stop, or until something it cannot mend."""

import asyncio
import resource
import signal
from collections.abc import Awaitable, Callable, Iterator

from infra.runtime.refusals import Refusal
from infra.runtime.tracing import stop_traces

Stop = asyncio.Event
"""Set when the process is asked to end; a loop looks at it between batches and returns."""


async def serve(run: Callable[[Stop], Awaitable[None]]) -> None:
    """Run `run` with an event that SIGTERM and SIGINT set; returns when `run` returns, raises what it raises; one
    `Refusal` where several of its tasks were refused and nothing else went wrong.
    """
    _leave_no_core()
    stop = Stop()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await run(stop)
    except ExceptionGroup as several:
        refused, others = several.split(Refusal)
        if refused is None or others is not None:
            raise
        raise next(_each(refused)) from None
    finally:
        stop_traces()  # while a second signal does not end the process


def _each(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _each(part)
    else:
        yield error


def _leave_no_core() -> None:
    """A crash must not write memory, and the numbers in it, to a disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


async def pause(stop: Stop, seconds: float) -> None:
    """Wait `seconds`, or less when the process is asked to end."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
