"""Steps: everything a process does to the world outside it, one at a time, when the scheduler lets it."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

Edge = Literal["broker", "database"]
Answer = TypeVar("Answer")


class Waiter(Protocol):
    """Somebody who is blocked until something moves."""

    blocked: bool


class Moving:
    """Something that others wait for."""

    def __init__(self) -> None:
        self.waiting: list[Waiter] = []

    def move(self) -> None:
        """It has changed: whoever waits for it may try again."""
        for waiter in self.waiting:
            waiter.blocked = False
        self.waiting.clear()


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
            except BlockedError:
                await asyncio.sleep(0.001)

    def some(self, most: int) -> int:
        """All of them."""
        return most
