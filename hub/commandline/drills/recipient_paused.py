"""A recipient pauses for 30 seconds and resumes as a zombie.

Fault: two processes of prefecture run; the one that has the city's partition is frozen with SIGSTOP in the midst of
its work for 30 s, longer than its membership in the group lasts (6 s), and then wakes with a batch in hand.

Expectation: the other process takes the partition over at the offset in the database. The first finds another offset
there than the one it goes out from, and leaves its batch (it is fenced).

Proof: 100 deliveries are applied while it is frozen; afterwards every delivery is applied once, I1-I7 hold, no
canary is readable, and lag is zero.
"""

import asyncio
import signal
import time

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from infra.embedded.processes import ask

RECIPIENT = "prefecture"
PAUSE_SECONDS = 30.0


async def strike(ground: Ground) -> None:
    """Freeze the owner, let the other take over, wake it."""
    (owner,) = ground.roles(RECIPIENT)
    ground.supervisor.start_one(RECIPIENT)
    ask(owner.process, signal.SIGSTOP)
    began = time.monotonic()
    await ground.reaches(RECIPIENT, 100)
    await asyncio.sleep(max(0.0, began + PAUSE_SECONDS - time.monotonic()))
    ask(owner.process, signal.SIGCONT)
    await ground.reaches(RECIPIENT)


DRILL = drill(__name__, __doc__, strike)
