"""Copies shrink to two, then to one.

Fault: one broker of three is killed with SIGKILL while changes are filed; 100 changes later a second one. A record
needs two copies (min.insync 2), and a controller two of three votes.

Expectation: with two copies everything goes on. With one nothing is confirmed any more and nothing moves, rather
than that something could be lost; filings are taken in all the same and wait in the register. When the brokers are
back everything goes on by itself.

Proof: 100 changes are decided on two brokers, none for 5 s on one; afterwards I1-I7 hold, no canary is readable, and
lag is zero.
"""

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground


async def strike(ground: Ground) -> None:
    """Two brokers, one broker, three."""
    first, second, _ = ground.machines.numbers
    await ground.machines.kill(first)
    await ground.flows()
    await ground.machines.kill(second)
    await ground.stands_still()
    await ground.machines.start(first, second)


DRILL = drill(__name__, __doc__, strike)
