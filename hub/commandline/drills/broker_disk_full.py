"""A broker's disk is full.

Fault: one of three brokers keeps its records on a small disk of its own, which is filled to the last byte while
changes are filed; after 150 more changes the room is given back and the broker started again.

Expectation: the broker ends itself, since it cannot write; the two others go on with two copies. When there is room
it starts, recovers and follows.

Proof: the broker is seen to end by itself and 150 changes are decided without it; afterwards I1-I7 hold, no canary
is readable, and lag is zero.
"""

from hub.commandline.drills.drill import Servers, drill
from hub.commandline.drills.ground import Ground

NODE = 3


async def strike(ground: Ground) -> None:
    """Fill, carry on, relieve, start."""
    disk, _ = ground.disks
    disk.fill()
    await ground.machines.ended(NODE, "the broker went on although its disk is full")
    await ground.flows(150)
    disk.relieve()
    await ground.machines.start(NODE)


DRILL = drill(__name__, __doc__, strike, servers=Servers.DISKS)
