"""PostgreSQL's disk is full.

Fault: PostgreSQL keeps everything on a small disk of its own, which is filled to the last byte while register, hub
and recipients write, for 15 s; then the room is given back, and PostgreSQL started again where it has ended.

Expectation: transactions fail as a whole: filings are not confirmed, nothing is decided, nothing applied. The
counter hands its filings in again, every role waits and goes on by itself.

Proof: no filing is confirmed while the disk is full; afterwards every change that was confirmed is everywhere it
belongs, no role has ended, I1-I7 hold, no canary is readable, and lag is zero.
"""

import asyncio
from functools import partial

from hub.commandline.drills.drill import Servers, drill
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.waiting import until

FULL_SECONDS = 15.0
LOOK_SECONDS = 3.0


async def strike(ground: Ground) -> None:
    """Fill, see filings refused, relieve, start where needed."""
    _, disk = ground.disks
    disk.fill()
    await until(partial(_is_refused, ground), "the register went on confirming although the disk is full")
    await asyncio.sleep(FULL_SECONDS)
    disk.relieve()
    await ground.machines.start_database()
    await ground.flows()


async def _is_refused(ground: Ground) -> bool:
    before = ground.load.confirmed
    await asyncio.sleep(LOOK_SECONDS)
    return ground.load.confirmed == before


DRILL = drill(__name__, __doc__, strike, servers=Servers.DISKS)
