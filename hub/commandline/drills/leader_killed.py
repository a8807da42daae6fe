"""kill -9 of the broker that leads the city's deliveries.

Fault: of three brokers the one that leads the partition on which welfare gets its deliveries is killed with SIGKILL
while changes are filed, and stays away until the path has carried 200 more of them; then it is started again.

Expectation: another replica leads within the brokers' session time-out (9 s). Relay, hub and recipients go on with
two of three copies; what was sent and not confirmed is sent again under the same number, and dropped as a double.

Proof: 200 changes are decided and 50 deliveries applied while the broker is away; afterwards I1-I7 hold, no canary
is readable, and lag is zero.
"""

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from topics.catalogue import out_topic


async def strike(ground: Ground) -> None:
    """Kill the leader, carry on, start it."""
    topic = out_topic(ground.settings.environment, ground.grant("welfare"))
    leader = await ground.machines.leader(ground.settings, topic)
    await ground.machines.kill(leader)
    await ground.flows(200)
    await ground.reaches("welfare")
    await ground.machines.start(leader)


DRILL = drill(__name__, __doc__, strike)
