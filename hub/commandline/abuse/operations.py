"""Cases 68-72: what goes wrong where machines are run: old databases, two hubs, wrong clocks, crashes, stolen files."""

import asyncio
import os
import stat
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.commandline.abuse.case import (
    PLANTED_NAME,
    PLANTED_NUMBER,
    Attempt,
    Case,
    Evidence,
    accepted,
    all_refused,
    repeats_planted,
)
from hub.databases import HUB_DATABASE
from hub.ledger.writing import Ledger
from hub.store import SQL, FencedError, lock_head
from infra.backup.sealed import open_file, seal_file
from infra.check.offline import Replay, read_checkpoint, read_key
from infra.runtime.files import OWNER_ONLY
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from infra.witness.store import Store
from infra.witness.witness import Witness, logs_of
from topics.catalogue import HUB, LEDGER
from topics.ledger.entry import EntryKind
from topics.ledger.note import Checkpoint, cosign, origin_of, sign_checkpoint
from topics.ledger.tree import Range, consistency_path, leaf_hash, node_hash
from topics.ledger.verifiers import Kind, Verifier
from topics.ledger.witnessing import WITNESS_NAME, Submission

ENTRIES = 3
RECIPIENT = "drill"
DAY = timedelta(days=1)
CRASHING = Path(__file__).with_name("crashing.py")
KEY_BYTES = 32


def _origin(settings: Settings) -> str:
    return origin_of(settings.environment, settings.municipalities[0])


async def _set_back(settings: Settings) -> Attempt:
    """A log that was set back signs a smaller tree and then a fork, and shows them to a witness of our own."""
    origin, ring = _origin(settings), KeyRing(settings)
    seen = [leaf_hash(b"synthetic %d" % n) for n in range(ENTRIES)]
    fork = [seen[0], *(leaf_hash(b"other %d" % n) for n in range(ENTRIES))]
    with TemporaryDirectory(prefix="kairan-drill-") as name:
        store = Store(Path(name))
        witness = Witness(Ed25519PrivateKey.generate(), store, lambda: logs_of(ring.register(), [origin]))
        try:
            if witness.add(_shown(ring, origin, seen, 0), int(time.time())).status is not HTTPStatus.OK:
                return accepted()
            smaller = witness.add(_shown(ring, origin, seen[:1], 1), int(time.time()))
            forked = witness.add(_shown(ring, origin, fork, ENTRIES), int(time.time()))
        finally:
            store.close()
    conflict = smaller.status is HTTPStatus.CONFLICT
    return all_refused(
        Attempt(conflict, f"the witness has seen {smaller.text.strip()} entries" if conflict else smaller.text),
        Attempt(forked.status is HTTPStatus.UNPROCESSABLE_ENTITY, forked.text.strip()),
    )


def _shown(ring: KeyRing, origin: str, leaves: Sequence[bytes], old: int) -> str:
    """A checkpoint over these leaves, signed by the log, with the proof that it continues its own first `old` ones."""
    tree = Range()
    tree.extend(leaves)
    note = sign_checkpoint(Checkpoint(origin, tree.size, tree.root()), origin, ring.signer(LEDGER).private)

    def node(level: int, index: int) -> bytes:
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1)) if level else leaves[index]

    return Submission(old, consistency_path(old, len(leaves), node), note).text()


async def _two_hubs(settings: Settings) -> Attempt:
    """Two workers take the same city over, one after the other; of what they do here nothing remains."""
    name = HUB_DATABASE.name(settings.environment, settings.municipalities[0])
    connection = await connect(settings, name, role=HUB, principal=HUB)
    transaction = connection.transaction()
    await transaction.start()
    try:
        first = await connection.fetchval(SQL["take_over"])
        second = await connection.fetchval(SQL["take_over"])
        await connection.execute(SQL["register_recipients"], [RECIPIENT], [1])
        sent = [await connection.fetchval(SQL["mark_sending"], RECIPIENT, 1, 1, epoch) for epoch in (first, second)]
        await lock_head(connection, second)
        await lock_head(connection, first)
    except FencedError:
        refused = sent == [None, 1]
        return Attempt(refused, f"HUB-FENCED: the worker of epoch {first} decides and sends nothing after {second}")
    finally:
        await transaction.rollback()
        await connection.close()
    return accepted()


async def _wrong_clock(settings: Settings) -> Attempt:
    """Entries of tomorrow are found by the witness's time; a clock that is a day behind dates nothing back."""
    origin, now = _origin(settings), datetime.now(UTC)
    ahead = Ledger.at(origin, 0, now + DAY)
    ahead.enter(EntryKind.VIEW, {"actor": "drill"})
    behind = Ledger.at(origin, 1, ahead.time)
    log, witness = KeyRing(settings).signer(LEDGER).private, Ed25519PrivateKey.generate()
    tree = Range()
    tree.append(leaf_hash(ahead.rows[0].entry.encode("ascii")))
    checkpoint = Checkpoint(origin, tree.size, tree.root())
    note = sign_checkpoint(checkpoint, origin, log)
    note += cosign(checkpoint.body(), WITNESS_NAME, witness, int(now.timestamp()))
    keys = (
        Verifier.of(origin, Kind.NOTE, log.public_key()),
        Verifier.of(WITNESS_NAME, Kind.COSIGNATURE, witness.public_key()),
    )
    replay = Replay([read_checkpoint(note, [read_key(each.vkey, each.kind) for each in keys])])
    replay.add(ahead.rows[0].entry.encode("ascii"))
    found = [f"{each.code}: {each.sentence}" for each in replay.differences()]
    return Attempt(bool(found) and behind.time == ahead.time, "; ".join(found))


async def _crash(settings: Settings) -> Attempt:
    """A role at its most talkative that ends by an error which holds a number: no core, and nothing of it in a word."""
    environment = {**os.environ, "DRILL_NUMBER": PLANTED_NUMBER, "DRILL_NAME": PLANTED_NAME}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(CRASHING), stdout=PIPE, stderr=PIPE, env=environment, cwd=settings.state_directory
    )
    said = b"".join(await process.communicate()).decode("utf-8", "replace")
    silent = "RuntimeError" in said and "core 0" in said and not repeats_planted(said)
    return Attempt(silent and process.returncode == 1, "RuntimeError and where it arose is all that is said; core 0")


async def _stolen_backup(settings: Settings) -> Attempt:
    """A backup is its owner's alone, shows nothing, and opens under no other key; the files kept here are looked at."""
    with TemporaryDirectory(prefix="kairan-drill-") as name:
        file = Path(name) / "base.tar.sealed"
        seal_file(file, os.urandom(KEY_BYTES), [PLANTED_NUMBER.encode(), PLANTED_NAME.encode()])
        kept = sorted(settings.backup_directory.rglob("*.sealed"))[:ENTRIES] if settings.backup_directory else []
        return all_refused(*[attempt for each in (file, *kept) for attempt in _readable(each)])


def _readable(file: Path) -> list[Attempt]:
    closed = stat.S_IMODE(file.stat().st_mode) == OWNER_ONLY
    shown = repeats_planted(file.read_bytes().decode("utf-8", "replace"))
    own = Attempt(closed and not shown, "sealed files are their owner's alone and show nothing")
    try:
        b"".join(open_file(file, os.urandom(KEY_BYTES)))
    except Refusal as refusal:
        return [Attempt(refused=True, cause=f"{refusal.code}: without its key it does not open"), own]
    return [accepted(), own]


OPERATIONS = (
    Case(68, "a ledger set back to an old backup goes on", Evidence.FINDING, _set_back),
    Case(69, "two hubs own one city", Evidence.FINDING, _two_hubs),
    Case(70, "clocks a day ahead and a day behind", Evidence.FINDING, _wrong_clock),
    Case(71, "a crash, a traceback and debug lines tell a number", Evidence.SAID, _crash),
    Case(72, "a stolen backup is read", Evidence.FINDING, _stolen_backup),
)
