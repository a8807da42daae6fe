"""Poison records on the change topic.

Fault: three records that nobody sealed (an empty one among them) are written among the changes with the register's
own certificate, as by a thief of it.

Expectation: the hub sets them aside with code and coordinates, and goes on with what follows; nobody is delivered
anything of them. The verifier says that they lie there.

Proof: the verifier finds each of them and nothing else; 100 changes are decided after them; I1-I7 hold otherwise, no
canary is readable, and lag is zero.
"""

import os

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from infra.runtime.kafka import producer
from topics.catalogue import REGISTER, change_topic
from topics.partitions import partition_of

POISON = (b"", b"synthetic poison", os.urandom(2048))


async def strike(ground: Ground) -> None:
    """Write them; carry on."""
    topic, partition = change_topic(ground.settings.environment), partition_of(ground.city)
    async with producer(ground.settings, REGISTER) as writer:
        for value in POISON:
            await writer.send_and_wait(topic, value, key=b"synthetic", partition=partition)
    await ground.flows()


DRILL = drill(__name__, __doc__, strike, traces=("is not a record of ours",))
