"""kill -9 of PostgreSQL.

Fault: every process of PostgreSQL is killed at once with SIGKILL while register, hub and all recipients write; after
three seconds it is started again and recovers from its write-ahead log. Twice.

Expectation: what was committed is there, what was not has not happened. The counter hands its filings in again and
finds the ones whose answer was lost already registered; every role waits, connects anew and goes on where its rows
say.

Proof: every change that the register had confirmed is on the change topic and everywhere it belongs; no role has
ended; I1-I7 hold, no canary is readable, and lag is zero.
"""

import asyncio

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground

AWAY_SECONDS = 3.0


async def strike(ground: Ground) -> None:
    """Kill and start it, twice."""
    for _ in range(2):
        await ground.machines.kill_database()
        await asyncio.sleep(AWAY_SECONDS)
        await ground.machines.start_database()
        await ground.flows()


DRILL = drill(__name__, __doc__, strike)
