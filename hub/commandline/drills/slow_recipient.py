"""A recipient's line is slow.

Fault: what passes between prefecture and the brokers is held to 2 kB a second for 20 s; everybody else's connections
are whole.

Expectation: prefecture falls behind; hub, welfare and the register do not notice.

Proof: while prefecture's line is slow, welfare applies 50 more deliveries and the hub decides 200 more changes, and
prefecture is seen to be behind; afterwards it catches up, I1-I7 hold, no canary is readable, and lag is zero.
"""

import asyncio
import time

from hub.commandline.drills.drill import Servers, drill
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.waiting import NotShownError
from infra.faults.proxy import Fault

SLOW = Fault(bytes_per_second=2000)
SLOW_SECONDS = 20.0
BEHIND = 100


async def strike(ground: Ground) -> None:
    """Slow, carry on, as before."""
    network = ground.machines.network
    recipient = [role.process.pid for role in ground.roles("prefecture")]
    network.impose(network.between(recipient, ground.machines.numbers, SLOW))
    began = time.monotonic()
    await ground.flows(200)
    await ground.reaches("welfare")
    await asyncio.sleep(max(0.0, began + SLOW_SECONDS - time.monotonic()))
    if await ground.behind("prefecture") < BEHIND:
        raise NotShownError("the slow recipient is not behind")
    network.impose()


DRILL = drill(__name__, __doc__, strike, servers=Servers.NETWORK)
