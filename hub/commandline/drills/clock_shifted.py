"""Clocks are wrong by an hour and by a day, ahead and behind.

Fault: relay, hub, signer and recipients are started anew under a clock that is an hour ahead, an hour behind, a day
ahead, a day behind, and at last right again, while changes are filed. What is wrong is the time of day that these
processes read; the clocks of brokers, PostgreSQL and the witness, and what TLS reads about certificates, are right.
(A machine whose own clock jumps was not at hand.)

Expectation: order comes from positions and numbers, never from a clock, so everything arrives once and in order. The
ledger's times never go back; entries dated ahead of what the witness saw are noticed.

Proof: changes are decided under every clock; the replay of the ledger says LEDGER-BACKDATED and nothing else; I1-I6
hold, no canary is readable, and lag is zero.
"""

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground

HOUR, DAY = 3600, 86_400
WITNESS = "witness"


async def strike(ground: Ground) -> None:
    """Under each clock in turn."""
    for seconds in (HOUR, -HOUR, DAY, -DAY, 0):
        wrong = {role.name for role in ground.roles()} - {WITNESS}
        await ground.restart(*wrong, clock_off_by=seconds)
        await ground.flows(60)


DRILL = drill(__name__, __doc__, strike, traces=("LEDGER-BACKDATED",))
