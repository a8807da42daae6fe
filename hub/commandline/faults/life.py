"""A world's life: while faults last its steps are taken in any order; then it heals, and everything must arrive."""

from datetime import timedelta
from functools import partial

from hub.commandline.faults.arrival import parking, still_to_come
from hub.commandline.faults.befalling import befall
from hub.commandline.faults.comparison import compare_all
from hub.commandline.faults.loop import Loop
from hub.commandline.faults.safety import Safety
from hub.commandline.faults.violation import Rule, ViolationError
from hub.commandline.faults.world import World

MOST_STEPS = 5000
"""Of a world with faults; it heals at the latest then."""
MOST_MOVES = 20_000
"""Of a world that has healed; whatever has not arrived by then never will."""


class Life:
    """One world from its beginning to its end; raises `ViolationError` at the first thing that must not be."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_healed = False
        self.moves = 0
        self.safety = Safety(world)
        self._is_over = False
        self._loop = Loop(self._decide)

    def live(self) -> None:
        """Live it; the loop and all tasks are gone afterwards."""
        world = self.world
        world.begin(self._loop)
        world.scheduler.befall = partial(befall, world)
        self._over = self._loop.create_future()
        try:
            self._loop.run_until_complete(self._over)
        finally:
            self._leave()

    def _decide(self) -> None:
        if self._is_over:
            self._loop.stop()
        else:
            self._move()

    def _move(self) -> None:
        if self.world.ended:
            raise ViolationError(Rule.LIVES, self.world.ended[0])
        self.moves += 1
        if not self.is_healed:
            if not (self.moves < MOST_STEPS and self._is_eventful() and self.world.scheduler.unfair()):
                self._heal()
            return
        if self.moves > MOST_MOVES:
            raise ViolationError(Rule.ARRIVES, still_to_come(self.world) or "the world never rests")
        if not self.world.scheduler.fair():
            self._rest()

    def _is_eventful(self) -> bool:
        return bool(self.world.scheduler.faults) or self.world.is_filing()

    def _heal(self) -> None:
        self.is_healed, self.moves = True, 0
        self.world.scheduler.heal()
        self.world.heal()

    def _rest(self) -> None:
        """Nobody has anything to do now: either everything has arrived, or some time must pass."""
        missing = still_to_come(self.world)
        if missing is None:
            compare_all(self.world, self.safety.seen)
            self._over.set_result(None)
            return
        for city in parking(self.world):
            self.world.resend(city)
        self.world.clock_jump += timedelta(minutes=5)
        if not self.world.scheduler.pass_time():
            raise ViolationError(Rule.ARRIVES, missing)

    def _leave(self) -> None:
        """Everybody ends, and nobody is left who could be found later."""
        self._is_over = True
        for process in self.world.processes:
            self.world.kill(process)
        self._loop.run_forever()
        self._loop.close()
