"""Settling entries: kept on the broker, then their alerts in the database, then acknowledged; in this order, always."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from hub.watch.access.store import Store
from hub.watch.access.taking import Taken, apply
from hub.watch.access.windows import Windows
from infra.runtime.log import Logger
from infra.runtime.postgres import DATABASE_ERRORS
from infra.runtime.refusals import Refusal
from topics.messages.access import Entry, Handling, LookUp, UpTo

RETRY_SECONDS = 1.0
NOTHING = Taken(())
Evidence = LookUp | Handling
TRANSIENT = (*DATABASE_ERRORS, OSError, KafkaError, Refusal)


@dataclass(frozen=True, slots=True)
class Due:
    """A record that was read: what it is, what follows from it, and how it is acknowledged. `failure` is the code of
    why it was not taken in, or not looked at by every rule."""

    municipality: str
    message: Any
    acknowledge: Callable[[], Awaitable[Any]]
    entry: Entry | None = None
    number: int = 0
    taken: Taken = NOTHING
    failure: str = ""


class Settler:
    """Settles what was read, some records at a time; what a fault keeps from being settled is not acknowledged."""

    def __init__(self, windows: Windows, stores: Mapping[str, Store]) -> None:
        self._windows = windows
        self._stores = stores
        self._due: list[Due] = []
        self._busy = asyncio.Lock()
        self._log: Logger = structlog.get_logger()

    def add(self, due: Due) -> int:
        """Settle this one too, the next time; returns how many wait."""
        self._due.append(due)
        return len(self._due)

    async def settle(self) -> None:
        """Settle what waits, until it is done."""
        async with self._busy:
            due, self._due = self._due, []
            while due:
                try:
                    await self._settle(due)
                    break
                except TRANSIENT as error:
                    self._log.warning("waiting out a fault", code="ACCESS-FAULT", error=error)
                    await asyncio.sleep(RETRY_SECONDS)

    async def _settle(self, due: list[Due]) -> None:
        for one in due:
            self._windows.keep(one.municipality, [one.entry] if isinstance(one.entry, Evidence) else [])
        await self._windows.confirmed()
        for municipality in {one.municipality for one in due}:
            own = [one for one in due if one.municipality == municipality]
            await self._stores[municipality].say([alert for one in own for alert in one.taken.alerts])
            for one in own:
                await self._note(one)
        for one in due:
            self._sweep(one)
        await self._windows.confirmed()
        for one in due:
            await one.acknowledge()

    def _sweep(self, one: Due) -> None:
        """The clock moves, and what is over goes, once all that follows from it is said."""
        sweep = one.taken.sweep
        if sweep is not None:
            self._windows.keep(one.municipality, sweep.kept)
            self._windows.drop(one.municipality, sweep.gone)
            memory = self._windows.memories.get(one.municipality)
            if memory is not None:
                apply(memory, sweep)

    async def _note(self, one: Due) -> None:
        if isinstance(one.entry, UpTo):
            await self._stores[one.municipality].take_up_to(one.number)
        if one.failure:
            place = (one.message.topic, one.message.partition, one.message.offset)
            await self._stores[one.municipality].fail(*place, one.failure)
