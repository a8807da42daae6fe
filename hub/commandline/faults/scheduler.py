"""The scheduler: which step is taken next, and what befalls it. While faults last it is unfair, afterwards fair."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from aiokafka.errors import KafkaConnectionError, KafkaError
from asyncpg import ConnectionDoesNotExistError, PostgresError

from hub.commandline.faults.loop import Loop, Timer
from hub.commandline.faults.plan import Fault
from hub.commandline.faults.steps import CURRENT, Answer, BlockedError, Edge, Process

STORY_LINES = 16
ACTS_SHARE, TIMERS_SHARE = 0.05, 0.03
"""How often the world acts, or time passes, although somebody could take a step."""


@dataclass(eq=False, slots=True)
class Step:
    """A step that a process waits to take; it is `blocked` while it has been tried in vain and nothing has moved."""

    process: Process
    edge: Edge
    what: str
    effect: Callable[[], Any]
    done: "asyncio.Future[Any]"
    blocked: bool = False

    def can_be_taken(self) -> bool:
        """Whether nothing is in its way."""
        return not (self.blocked or self.process.paused or self.edge in self.process.cut_from)

    def unblock(self) -> None:
        """Something has moved: it can be tried again."""
        self.blocked = False

    def take(self) -> None:
        """Do it, and tell the process."""
        self._do(self.done.set_result)

    def take_in_vain(self) -> None:
        """Do it, and tell the process that it failed."""
        self._do(lambda _answer: self.fail())

    def fail(self) -> None:
        """Tell the process that it failed; it was not done."""
        lost = KafkaConnectionError() if self.edge == "broker" else ConnectionDoesNotExistError("cut")
        self.done.set_exception(lost)

    def _do(self, tell: Callable[[Any], None]) -> None:
        try:
            answer = self.effect()
        except BlockedError as blocked:
            self.blocked = True
            for each in blocked.on:
                each.wake(self.unblock)
        except (KafkaError, PostgresError) as error:
            self.done.set_exception(error)
        else:
            tell(answer)


@dataclass
class Scheduler:
    """Everybody's steps, the calls that are due at a step, and what the world can do of itself now (`acts`)."""

    random: Random
    faults: list[Fault]
    loop: Loop = field(init=False)
    steps: list[Step] = field(default_factory=list)
    taken: int = 0
    acts: Callable[[], Sequence[Callable[[], None]]] = tuple
    befall: Callable[[Fault, Step], None] = lambda _fault, _step: None
    story: deque[str] = field(default_factory=lambda: deque(maxlen=STORY_LINES))
    """The last steps and faults: who, what, never about whom."""
    _later: list[tuple[int, int, Callable[[], object]]] = field(default_factory=list)
    _ties: Iterator[int] = field(default_factory=count)

    async def take(self, edge: Edge, what: str, effect: Callable[[], Answer]) -> Answer:
        """The answer of `effect` when its turn has come; for the dead nothing comes any more."""
        process = CURRENT.get()
        if not process.alive:
            raise asyncio.CancelledError
        step = Step(process, edge, what, effect, self.loop.create_future())
        self.steps.append(step)
        try:
            answer: Answer = await step.done
        finally:
            self.steps.remove(step)
        return answer

    def some(self, most: int) -> int:
        """Mostly all, sometimes fewer."""
        return most if self.random.random() < 0.6 else self.random.randint(1, most)

    def after(self, steps: int, call: Callable[[], object]) -> None:
        """Do something so many steps from now."""
        heappush(self._later, (self.taken + steps, next(self._ties), call))

    def unfair(self) -> bool:
        """One move while faults last; False when there is nothing more to come."""
        while self._later and self._later[0][0] <= self.taken:
            heappop(self._later)[2]()
        ready, chance = [step for step in self.steps if step.can_be_taken()], self.random.random()
        acts = self.acts() if not ready or chance < ACTS_SHARE else ()
        if acts:
            self.random.choice(acts)()
        elif ready and chance > TIMERS_SHARE:
            self._pick(self.random.choice(ready))
        elif not self._fire(self.random.choice) and not ready:
            return self._skip()
        return True

    def fair(self) -> bool:
        """One move when nothing is in the way any more: who has waited longest; False when nobody has anything to do
        before some time has passed."""
        ready = next((step for step in self.steps if step.can_be_taken()), None)
        if ready is not None:
            self._take(ready)
        return ready is not None

    def pass_time(self) -> bool:
        """Let the timer fire that is due first; False when nobody waits for one."""
        return self._fire(lambda timers: min(timers, key=Timer.when))

    def heal(self) -> None:
        """Nothing befalls anybody any more; what was still to happen happens now."""
        self.faults.clear()
        while self._later:
            heappop(self._later)[2]()

    def _pick(self, step: Step) -> None:
        self.taken += 1
        if self.faults and self.faults[0].at <= self.taken:
            fault = self.faults.pop(0)
            self.story.append(f"step {self.taken}: {step.process.name}, {step.what}: {fault.kind.value}")
            self.befall(fault, step)
        if not step.done.done() and step.process.alive and not step.process.paused:
            self._take(step)

    def _take(self, step: Step) -> None:
        self.story.append(f"step {self.taken}: {step.process.name}, {step.what}")
        step.take()

    def _fire(self, choose: Callable[[list[Timer]], Timer]) -> bool:
        timers = [timer for timer in self.loop.due() if _is_awake(timer.process)]
        if timers:
            self.loop.fire(choose(timers))
        return bool(timers)

    def _skip(self) -> bool:
        """Everybody stands still: go to where something happens next."""
        if self._later:
            self.taken = max(self.taken, self._later[0][0])
        return bool(self._later)


def _is_awake(process: Process | None) -> bool:
    return process is None or (process.alive and not process.paused)
