"""Waiting without sleeping blindly: ask until it holds, or fail at the deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.05


async def until(condition: Callable[[], Awaitable[bool]], seconds: float, otherwise: str = "not in time") -> None:
    """Return once `condition` holds; an assertion error that says `otherwise` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, otherwise
        await asyncio.sleep(POLL_SECONDS)
