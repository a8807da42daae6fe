"""Every certificate is replaced, one process after the other.

Fault: new certificates are issued for everybody; the three brokers are stopped and started one after the other, then
every role, while changes are filed.

Expectation: each broker hands its partitions over before it stops, so that the path hardly pauses; old and new
certificates are of one authority, and so good side by side.

Proof: changes are decided after each broker's restart; afterwards I1-I7 hold, no canary is readable, and lag is
zero.
"""

from hub.commandline.deployment import principal_names
from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from infra.certificates.authority import authority_in, issue


async def strike(ground: Ground) -> None:
    """Issue anew; restart brokers, then roles."""
    directory = ground.settings.certificates_directory
    authority = authority_in(directory)
    for principal in principal_names(ground.settings):
        issue(directory, authority, principal)
    for number in ground.machines.numbers:
        await ground.machines.stopped_cleanly(number)
        await ground.machines.start(number)
        await ground.flows(30)
    for name in {role.name for role in ground.roles()}:
        await ground.restart(name)


DRILL = drill(__name__, __doc__, strike)
