"""kill -9 of the broker that leads the controllers.

Fault: the node whose controller leads the cluster's metadata quorum is killed with SIGKILL while changes are filed;
it is a broker too, so a third of the partitions lose their leader with it. After 200 more changes it is started
again.

Expectation: the two others elect a controller among them, which gives the orphaned partitions new leaders. Nobody in
the path takes notice but by a pause.

Proof: another controller leads and 200 changes are decided while the node is away; afterwards I1-I7 hold, no canary
is readable, and lag is zero.
"""

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.waiting import NotShownError


async def strike(ground: Ground) -> None:
    """Kill the controller, carry on, start it."""
    controller = ground.machines.controller()
    await ground.machines.kill(controller)
    await ground.flows(200)
    if ground.machines.controller() == controller:
        raise NotShownError("no other controller was elected")
    await ground.machines.start(controller)


DRILL = drill(__name__, __doc__, strike)
