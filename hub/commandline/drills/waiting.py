"""Waiting until something holds, or saying that it did not."""

import asyncio
import time
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.05
PATIENCE_SECONDS = 180.0


class NotShownError(Exception):
    """The fault was not there, or what was to be shown did not happen; the text says what."""


async def until(condition: Callable[[], Awaitable[bool]], otherwise: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Return once `condition` holds; raises `NotShownError` with `otherwise` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            raise NotShownError(otherwise)
        await asyncio.sleep(POLL_SECONDS)
