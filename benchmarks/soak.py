"""Whether memory stays flat and lag goes back to zero, with processes killed at random all the time:
``python -m benchmarks.soak --seconds 600`` (or ``--seconds 60`` for a short one).

A drill that is no drill of the catalogue: three brokers and PostgreSQL, steady filings, and every few seconds kill -9
of one of the processes, of a broker or of the database. `recovery_seconds` runs from the last fault, whose process is
back, until everything is applied and acknowledged; then everything is counted as after any drill. `memory_mib` is each
role's resident memory, of processes that have run for a while: the median of the first and of the last third.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random

import psutil

from hub.commandline.drills.course import run_drills
from hub.commandline.drills.drill import Drill
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.load import Load
from hub.commandline.output import quiet_libraries, stoppable

SAMPLE_SECONDS = 2.0
GROWN_UP_SECONDS = 20.0
AWAY_SECONDS = 2.0
DATABASE = "postgresql"


@dataclass(slots=True)
class Soak:
    """So many seconds of faults, one every `pause` seconds; `memory` is in bytes, by role, oldest first."""

    seconds: float
    pause: float
    random: Random
    memory: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    killed: Counter[str] = field(default_factory=Counter)
    changes_per_second: float = 0.0

    async def strike(self, ground: Ground) -> None:
        """Kill until the time is up, and look at memory meanwhile."""
        began, before = time.monotonic(), ground.load.confirmed
        watching = asyncio.create_task(self._watch(ground))
        try:
            while time.monotonic() - began < self.seconds:
                await asyncio.sleep(self.pause)
                await self._kill_one(ground)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        self.changes_per_second = (ground.load.confirmed - before) / (time.monotonic() - began)

    async def _kill_one(self, ground: Ground) -> None:
        """Any one: a role, a broker, the database; back it comes."""
        brokers = {f"broker-{number}": number for number in ground.machines.numbers}
        victim = self.random.choice([*(role.name for role in ground.roles()), *brokers, DATABASE])
        self.killed[victim] += 1
        if victim in brokers:
            await ground.machines.kill(brokers[victim])
            await asyncio.sleep(AWAY_SECONDS)
            await ground.machines.start(brokers[victim])
        elif victim == DATABASE:
            await ground.machines.kill_database()
            await ground.machines.start_database()
        else:
            await ground.restart(victim)

    async def _watch(self, ground: Ground) -> None:
        while True:
            for role in ground.roles():
                if (size := resident(role.process)) is not None:
                    self.memory[role.name].append(size)
            await asyncio.sleep(SAMPLE_SECONDS)


def resident(process: psutil.Process) -> int | None:
    """A process's resident memory in bytes; None where it has only begun or has ended."""
    try:
        grown_up = time.time() - process.create_time() > GROWN_UP_SECONDS
        return int(process.memory_info().rss) if grown_up else None
    except psutil.Error:
        return None


def drift(sizes: list[int]) -> dict[str, float]:
    """Medians of the first and of the last third, the greatest (MiB), and by how much the one is over the other."""
    third = max(1, len(sizes) // 3)
    first, last = (statistics.median(part) / 2**20 for part in (sizes[:third], sizes[-third:]))
    return {
        "first": round(first, 1), "last": round(last, 1), "most": round(max(sizes) / 2**20, 1),
        "percent": round(100 * (last / first - 1), 1),
    }  # fmt: skip


def run(soak: Soak, residents: int, rate: float) -> dict[str, object]:
    """On servers of its own."""
    load = partial(Load, residents=residents, rate=rate)
    (row,) = run_drills([Drill("soak", "Soak", "", "", "", soak.strike, load=load)], lambda _drill: None)
    return {
        "changes_per_second": round(soak.changes_per_second, 1),
        "kills": dict(soak.killed.most_common()),
        "memory_mib": {name: drift(sizes) for name, sizes in sorted(soak.memory.items())},
        **row.to_json(),
    }


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--pause", type=float, default=15.0, help="seconds between one fault and the next")
    parser.add_argument("--residents", type=int, default=3_000)
    parser.add_argument("--rate", type=float, default=300.0, help="changes a second")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of whom to kill")
    asked = parser.parse_args()
    quiet_libraries()
    soak = Soak(asked.seconds, asked.pause, Random(asked.seed))  # noqa: S311 - who is killed is no secret
    with stoppable():
        figures = run(soak, asked.residents, asked.rate)
    json.dump({"seconds": asked.seconds, "asked_per_second": asked.rate, **figures}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
