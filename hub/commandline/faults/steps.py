"""Steps: everything a process does to the world outside it, one at a time, when the scheduler lets it."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

Edge = Literal["broker", "database"]
Answer = TypeVar("Answer")


class Moving:
    """Something that others wait for."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def wake(self, waiter: Callable[[], None]) -> None:
        """Tell `waiter` once when it has moved."""
        self._waiting.append(waiter)

    def move(self) -> None:
        """It has changed: whoever waits for it may try again."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter()


class BlockedError(Exception):
    """A step cannot be taken now; it can be tried again once any of `on` has moved."""

    def __init__(self, *on: Moving) -> None:
        super().__init__()
        self.on = on


@dataclass(eq=False, slots=True)
class Process:
    """One process of a role: what it does counts while it is alive, and it stands still while it is paused."""

    name: str
    role: str
    alive: bool = True
    paused: bool = False
    cut_from: set[Edge] = field(default_factory=set)
    tasks: dict["asyncio.Task[Any]", None] = field(default_factory=dict)
    """In the order in which they began."""


CURRENT: ContextVar[Process] = ContextVar("process")
"""The process on whose behalf code runs; its tasks inherit it."""


class Steps(Protocol):
    """Who decides when a step is taken, and whether it goes well."""

    async def take(self, edge: Edge, what: str, effect: Callable[[], Answer]) -> Answer:
        """The answer of `effect`, once its turn has come; raises what it raises, or what befell the edge."""
        ...

    def some(self, most: int) -> int:
        """How many of at most `most` things that are due are done in one step; at least one."""
        ...


class Immediately:
    """Every step at once and whole; one that is blocked waits until others have moved."""

    async def take(self, edge: Edge, what: str, effect: Callable[[], Answer]) -> Answer:
        """The answer of `effect`."""
        while True:
            try:
                return effect()
            except BlockedError as blocked:
                moved = asyncio.Event()
                for each in blocked.on:
                    each.wake(moved.set)
                await moved.wait()

    def some(self, most: int) -> int:
        """All of them."""
        return most
