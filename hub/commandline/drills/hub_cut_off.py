"""The network between hub and brokers fails.

Fault: a proxy through which all brokers are reached first holds back everything between hub and brokers while all
connections stay open (half-open, 20 s), then resets every connection and refuses new ones (10 s), and at last lets
all pass 0.2 s late (10 s). Everybody else's connections are whole.

Expectation: the hub decides and sends nothing while it is cut off, does not end, and goes on by itself; the register
goes on taking filings, recipients wait.

Proof: the hub is seen to decide nothing while cut off, and again while late; afterwards I1-I7 hold, no canary is
readable, and lag is zero.
"""

import asyncio

from hub.commandline.drills.drill import Servers, drill
from hub.commandline.drills.ground import Ground
from infra.faults.proxy import Fault

SILENT_SECONDS, CUT_SECONDS, LATE_SECONDS = 20.0, 10.0, 10.0


async def strike(ground: Ground) -> None:
    """Half-open, cut, late, whole."""
    network, nodes = ground.machines.network, ground.machines.numbers
    hub = [role.process.pid for role in ground.roles("hub")]
    network.impose(network.between(hub, nodes, Fault(silent=True)))
    await ground.stands_still(SILENT_SECONDS)
    network.impose(network.between(hub, nodes, Fault(cut=True)))
    await ground.stands_still(CUT_SECONDS)
    network.impose(network.between(hub, nodes, Fault(delay_seconds=0.2)))
    await asyncio.sleep(LATE_SECONDS)
    await ground.flows(50)
    network.impose()


DRILL = drill(__name__, __doc__, strike, servers=Servers.NETWORK)
