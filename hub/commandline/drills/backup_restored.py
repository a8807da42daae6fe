"""A backup is made and restored under load, to a moment in between.

Fault: while changes are filed the whole PostgreSQL server is backed up; 150 changes later a moment is noted, 60 more
follow, and everything up to that moment is restored to a scratch place, as if the server had been lost then.

Expectation: sealed base backup and sealed write-ahead log give back exactly what was committed by then and nothing of
what came later. The running city does not notice.

Proof: every file is the one that was backed up (by the backup's manifest), the restored ledger holds every entry that
was there before the moment and none that came after it, its tree is the one that the witness cosigned as far as it
reaches, and nothing of the canary can be read in the archive; afterwards I1-I7 hold, no canary is readable, and lag is
zero.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hub.commandline.backup import KEPT, Proof, back_up, prove
from hub.commandline.drills.canary import in_files
from hub.commandline.drills.drill import drill
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.waiting import NotShownError
from infra.backup.archive import Archive
from infra.backup.log import archive_up_to_now
from infra.check.ledger import replay_city


async def strike(ground: Ground) -> None:
    """Back up, carry on, note the moment, carry on, restore."""
    settings = ground.settings
    await asyncio.to_thread(asyncio.run, back_up(settings, KEPT))
    await ground.flows(150)
    before = await _entries(ground)
    moment = datetime.now(UTC)
    after = await _entries(ground)
    await ground.flows(60)
    archive = Archive.of(settings)
    await archive_up_to_now(settings, archive)
    with TemporaryDirectory(prefix="kairan-restored-") as directory:
        proof = await asyncio.to_thread(asyncio.run, prove(settings, Path(directory) / "restored", moment))
    _judge(proof, before, after)
    if in_files(archive.directory.rglob("*.sealed")):
        raise NotShownError("the canary can be read in the archive")


async def _entries(ground: Ground) -> int:
    return (await replay_city(ground.settings, ground.city)).entries


def _judge(proof: Proof, before: int, after: int) -> None:
    (ledger,) = proof.ledgers
    if proof.findings:
        raise NotShownError(f"the restored ledger does not hold: {proof.findings[0]}")
    if not before <= ledger.entries <= after:
        raise NotShownError(f"{ledger.entries} entries are restored; there were {before} to {after}")


DRILL = drill(__name__, __doc__, strike)
