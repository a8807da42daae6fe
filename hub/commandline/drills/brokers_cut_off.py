"""A broker is cut off from the other brokers, and not from its clients.

Fault: the broker that leads the city's deliveries loses the two others, both ways and without a reset (half-open), for
30 s; register, hub and recipients still reach all three.

Expectation: it can confirm nothing, since a record needs two copies (min.insync 2). The others fence it and lead in its
place; a client that asks the lonely broker who leads is told the past, and waits. When the network is whole the broker
throws away what it took and nobody confirmed, and follows; whatever waited goes on by itself.

Proof: another broker leads the deliveries before the network is whole again, as the others know; afterwards I1-I7 hold,
no canary is readable, and lag is zero.
"""

import asyncio

from hub.commandline.drills.drill import Servers, drill
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.waiting import NotShownError
from infra.faults.proxy import Fault
from topics.catalogue import out_topic

CUT_SECONDS = 30.0


async def strike(ground: Ground) -> None:
    """Part one from two, carry on, make whole."""
    machines = ground.machines
    topic = out_topic(ground.settings.environment, ground.grant("prefecture"))
    alone = await machines.leader(ground.settings, topic)
    others = [number for number in machines.numbers if number != alone]
    inward = machines.network.between([machines.process(n).pid for n in others], [alone], Fault(silent=True))
    outward = machines.network.between([machines.process(alone).pid], others, Fault(silent=True))
    machines.network.impose(inward, outward)
    await asyncio.sleep(CUT_SECONDS)
    if await machines.leader(ground.settings, topic, asked=others[0]) == alone:
        raise NotShownError("no other broker leads in the place of the one that is cut off")
    machines.network.impose()


DRILL = drill(__name__, __doc__, strike, servers=Servers.NETWORK)
