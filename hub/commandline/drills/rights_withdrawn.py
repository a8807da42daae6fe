"""Rights are withdrawn while they are used.

Fault: the administrator by mistake withdraws the right of prefecture to read its deliveries, and the right of the
hub to write welfare's, while changes are filed; 100 changes later `kairan topics apply` gives them back.

Expectation: prefecture and welfare get nothing meanwhile and lose nothing; the hub goes on deciding, and goes on
sending to everybody else. Nobody has to be started anew.

Proof: prefecture and welfare apply nothing for 5 s while 100 changes are decided; afterwards I1-I7 hold, no canary
is readable, and lag is zero.
"""

import asyncio

from hub.commandline.deployment import apply_topics, broker
from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from topics.catalogue import HUB, Acl, out_topic


async def strike(ground: Ground) -> None:
    """Withdraw, carry on, give back."""
    settings = ground.settings
    taken = [
        Acl("prefecture", "READ", "TOPIC", out_topic(settings.environment, ground.grant("prefecture"))),
        Acl(HUB, "WRITE", "TOPIC", out_topic(settings.environment, ground.grant("welfare"))),
    ]
    await asyncio.to_thread(broker(settings).withdraw, taken)
    await asyncio.gather(ground.gets_nothing("prefecture"), ground.gets_nothing("welfare"))
    await ground.flows()
    await asyncio.to_thread(apply_topics, settings)


DRILL = drill(__name__, __doc__, strike)
