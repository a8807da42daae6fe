"""Every key is rotated under load.

Fault: hub, register, ledger, prefecture and welfare get new keys to be sealed to and to sign with, while changes are
filed; 60 changes later all former keys are retired.

Expectation: what is sealed and signed from then on is under the new keys; what is under way under the former ones
still opens and counts, up to their marks. No process is started anew for it.

Proof: 60 changes are decided after the rotation and 60 after the retirement; afterwards I1-I7 hold, no canary is
readable, and lag is zero.
"""

import asyncio

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from hub.commandline.keys.change import retire, rotate
from infra.runtime.key_ring import read_register

PRINCIPALS = ("hub", "register", "ledger", "prefecture", "welfare")


async def strike(ground: Ground) -> None:
    """Rotate, carry on, retire, carry on."""
    former = list(read_register(ground.settings.key_register_directory).keys.values())
    for principal in PRINCIPALS:
        await asyncio.to_thread(rotate, ground.settings, principal)
    await ground.flows(60)
    for line in former:
        if line.principal in PRINCIPALS:
            await retire(ground.settings, line.key_id)
    await ground.flows(60)


DRILL = drill(__name__, __doc__, strike)
