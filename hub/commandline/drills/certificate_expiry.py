"""A recipient's certificate runs out while it reads.

Fault: prefecture runs under a certificate that is good for a few seconds more. Its connection outlives the
certificate, since brokers look at it only when a connection is made; `kairan certificates --withdraw-expired` takes
its rights.

Expectation: from then on it is given nothing, while everybody else goes on. With a new certificate, and its rights
given back by `kairan topics apply`, it goes on where it stood.

Proof: prefecture applies nothing for 5 s after its rights went, while 100 changes are decided; afterwards I1-I7
hold, no canary is readable, and lag is zero.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from hub.commandline.deployment import apply_topics, broker
from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from infra.certificates.authority import authority_in, issue
from infra.certificates.expiry import expiries, withdraw_expired

RECIPIENT = "prefecture"
LIFETIME = timedelta(seconds=20)


async def strike(ground: Ground) -> None:
    """Expire, withdraw, renew."""
    settings, directory = ground.settings, ground.settings.certificates_directory
    authority = authority_in(directory)
    issue(directory, authority, RECIPIENT, lifetime=LIFETIME)
    await ground.restart(RECIPIENT)
    await ground.reaches(RECIPIENT)
    left = expiries(directory)[RECIPIENT] - datetime.now(UTC)
    await asyncio.sleep(max(0.0, left.total_seconds()) + 1)
    await asyncio.to_thread(withdraw_expired, broker(settings), settings.environment, directory, datetime.now(UTC))
    await ground.gets_nothing(RECIPIENT)
    await ground.flows()
    issue(directory, authority, RECIPIENT)
    await asyncio.to_thread(apply_topics, settings)
    await ground.restart(RECIPIENT)


DRILL = drill(__name__, __doc__, strike)
