"""A hub worker pauses for 30 seconds and resumes as a zombie.

Fault: two workers run; the one that owns the city is frozen with SIGSTOP in the midst of its work for 30 s, longer
than its membership in the group lasts (6 s), and then wakes believing that it still owns the city.

Expectation: the other worker takes the city over with a new epoch. The first, once awake, can commit nothing under
its old epoch, sends nothing that is not a double to the byte, and joins anew.

Proof: 200 changes are decided while it is frozen; afterwards numbers run without gap and no two records of one
number differ (I4), I1-I7 hold, no canary is readable, and lag is zero.
"""

import asyncio
import signal
import time

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from infra.embedded.processes import ask

PAUSE_SECONDS = 30.0


async def strike(ground: Ground) -> None:
    """Freeze the owner, let the other take over, wake it."""
    (owner,) = ground.roles("hub")
    ground.supervisor.start_one("hub")
    ask(owner.process, signal.SIGSTOP)
    began = time.monotonic()
    await ground.flows(200)
    await asyncio.sleep(max(0.0, began + PAUSE_SECONDS - time.monotonic()))
    ask(owner.process, signal.SIGCONT)
    await ground.flows()


DRILL = drill(__name__, __doc__, strike)
