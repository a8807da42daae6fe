"""kill -9 of the hub at marked points.

Fault: the hub is stopped, by a lock in its own database, just before one of its statements, killed there with
SIGKILL, and started anew: before the ledger entry, the delivery row, the end of the deciding transaction; before it
says how far may be sent; when everything was sent and not yet remembered as sent; and before an acknowledgement is
taken in.

Expectation: what was not committed leaves no trace; what was committed and not sent is sent; what was sent and not
remembered is sent again, byte for byte, and dropped as a double.

Proof: at every mark the hub is seen to stand still before it is killed, and to decide again afterwards; then I1-I7
hold, no canary is readable, and lag is zero. (That every single statement may be the last is a test of its own.)
"""

from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.stops import stopped_before

MARKS = (
    ("ledger_entry", "INSERT"),
    ("delivery", "INSERT"),
    ("progress", "INSERT"),
    ("recipient", "UPDATE OF sending_number"),
    ("recipient", "UPDATE OF dispatched_number"),
    ("inbox_progress", "UPDATE"),
)


async def strike(ground: Ground) -> None:
    """At each mark: stop, kill, start."""
    for table, event in MARKS:
        async with stopped_before(ground.settings, table, event) as mark:
            await mark.reached()
            await ground.kill("hub")
        ground.supervisor.start_one("hub")
        await ground.flows(30)


DRILL = drill(__name__, __doc__, strike)
