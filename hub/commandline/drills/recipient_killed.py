"""kill -9 of a recipient around its commit.

Fault: prefecture is stopped, by a lock in its own database, before it writes the records, before it moves its
offset, and before it leaves its acknowledgement, each time killed there with SIGKILL and started anew; then it is
killed five times wherever it happens to be, the moments after the commit and before the broker is told among them.

Expectation: records, offset and acknowledgement are one transaction, so that a batch has happened as a whole or not
at all; the offset in the database decides where it goes on, not the broker's.

Proof: at every mark the recipient is seen to stand still before it is killed, and to apply again afterwards; then
I1-I7 hold, no canary is readable, and lag is zero.
"""

from consumers.databases import database_of
from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.stops import stopped_before

RECIPIENT = "prefecture"
MARKS = (("identity", "INSERT"), ("progress", "UPDATE"), ("outbox", "INSERT"))
ANYWHERE = 5


async def strike(ground: Ground) -> None:
    """At each mark: stop, kill, start; then wherever it is."""
    for table, event in MARKS:
        async with stopped_before(ground.settings, table, event, database_of(ground.grant(RECIPIENT))) as mark:
            await mark.reached()
            await ground.kill(RECIPIENT)
        ground.supervisor.start_one(RECIPIENT)
        await ground.reaches(RECIPIENT, 20)
    for _ in range(ANYWHERE):
        await ground.restart(RECIPIENT)
        await ground.reaches(RECIPIENT, 20)


DRILL = drill(__name__, __doc__, strike)
