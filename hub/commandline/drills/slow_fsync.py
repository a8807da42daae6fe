"""Disks are slow: every commit waits, and a broker stops and goes.

Fault: for 20 s PostgreSQL waits 0.1 s before it flushes each commit to the disk (commit_delay), and the broker that
leads the city's deliveries is stopped half of every second (SIGSTOP, SIGCONT), as if its disk held it up. A disk
whose fsync itself is slow was not at hand.

Expectation: everything takes longer and nothing else changes; no time-out makes anything happen twice.

Proof: 100 changes are decided meanwhile; afterwards I1-I7 hold, no canary is readable, and lag is zero.
"""

import asyncio
import signal
import time

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from infra.runtime.postgres import connect
from topics.catalogue import ADMIN, out_topic

SLOW_SECONDS = 20.0
HALF_SECONDS = 0.5
SLOW = ("ALTER SYSTEM SET commit_delay = 100000", "ALTER SYSTEM SET commit_siblings = 0")
USUAL = ("ALTER SYSTEM RESET commit_delay", "ALTER SYSTEM RESET commit_siblings")
RELOAD = "SELECT pg_reload_conf()"


async def strike(ground: Ground) -> None:
    """Slow commits and a halting broker; then as before."""
    topic = out_topic(ground.settings.environment, ground.grant("prefecture"))
    leader = await ground.machines.leader(ground.settings, topic)
    await _configure(ground, *SLOW)
    try:
        await asyncio.gather(ground.flows(100), _halting(ground, leader))
    finally:
        await _configure(ground, *USUAL)


async def _halting(ground: Ground, node: int) -> None:
    deadline = time.monotonic() + SLOW_SECONDS
    while time.monotonic() < deadline:
        for by in (signal.SIGSTOP, signal.SIGCONT):
            ground.machines.signal([node], by)
            await asyncio.sleep(HALF_SECONDS)


async def _configure(ground: Ground, *statements: str) -> None:
    server = await connect(ground.settings, "postgres", role=ADMIN, principal=ADMIN)
    try:
        for statement in (*statements, RELOAD):
            await server.execute(statement)
    finally:
        await server.close()


DRILL = drill(__name__, __doc__, strike)
