"""Workers come and go without pause.

Fault: eight times over, a new worker of the hub and a new process of prefecture join their groups, and a second
later the oldest of each is killed with SIGKILL, while changes are filed.

Expectation: the city's partition goes from hand to hand, mostly before its last owner has noticed. Whoever had it
can commit nothing once another has taken over.

Proof: changes are decided after the storm; numbers run without gap and no two records of one number differ (I4),
I1-I7 hold, no canary is readable, and lag is zero.
"""

import asyncio

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground

ROUNDS = 8
BREATH_SECONDS = 1.0
TOSSED = ("hub", "prefecture")


async def strike(ground: Ground) -> None:
    """Join, kill the oldest, again."""
    for _ in range(ROUNDS):
        for name in TOSSED:
            ground.supervisor.start_one(name)
        await asyncio.sleep(BREATH_SECONDS)
        for name in TOSSED:
            await asyncio.to_thread(ground.supervisor.kill, ground.roles(name)[0])
    await ground.flows()


DRILL = drill(__name__, __doc__, strike)
