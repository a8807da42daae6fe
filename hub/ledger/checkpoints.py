"""Checkpoints: after entries are committed their tree is grown, signed, and shown to the witness; delivery never waits.

A process of its own (``kairan checkpoints``) signs each municipality's log. It never signs a tree that does not contain
the one it signed last.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import httpx
import structlog

from hub.databases import HUB_DATABASE
from hub.ledger.signed import Signed, read_signed, write_signed
from hub.ledger.trees import SQL, computed, grow_tree
from hub.ledger.witnessing import Witness, WitnessRefusedError
from infra.runtime.key_ring import KeyRing
from infra.runtime.log import Logger
from infra.runtime.postgres import DATABASE_ERRORS, Connection, Pool, open_pool
from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from topics.catalogue import LEDGER
from topics.envelope.sealing import Signer
from topics.ledger.note import Checkpoint, origin_of, sign_checkpoint
from topics.ledger.tree import tree_root

LOOK_SECONDS = 0.5
ENTRIES_AT_LEAST = 256
"""So many new entries are signed at once; fewer wait until the pause between two checkpoints is over."""
TRANSIENT = (*DATABASE_ERRORS, OSError, httpx.HTTPError)


class LedgerDepartsError(Exception):
    """The entries are not those that were signed: `code` says how they depart. Nothing is signed then."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def run_checkpoints(settings: Settings, stop: Stop) -> None:
    """Sign and show every served municipality's log, again and again until `stop`."""
    log: Logger = structlog.get_logger()
    ring = KeyRing(settings)
    witness = Witness(settings, ring)
    logs: dict[str, Log] = {}
    try:
        while not stop.is_set():
            for municipality in settings.municipalities:
                try:
                    if municipality not in logs:
                        logs[municipality] = await open_log(settings, municipality, partial(ring.signer, LEDGER))
                    await logs[municipality].turn(witness)
                except (LedgerDepartsError, WitnessRefusedError) as error:
                    log.critical("the ledger departs", code=error.code, municipality=municipality)
                except (Refusal, *TRANSIENT) as error:
                    log.warning("a checkpoint waits", code="HUB-CHECKPOINT", municipality=municipality, error=error)
            await pause(stop, min(LOOK_SECONDS, settings.checkpoint_seconds))
    finally:
        for each in logs.values():
            await each.pool.close()
        await witness.close()


@dataclass(slots=True)
class Log:
    """One municipality's log, as the signer sees it."""

    settings: Settings
    origin: str
    pool: Pool
    signer: Callable[[], Signer]
    signed_at: float = -math.inf

    async def turn(self, witness: Witness) -> None:
        """Sign what is new, and show the newest checkpoint while it has no cosignature.

        Raises `LedgerDepartsError` or `WitnessRefusedError`, which are alarms, and whatever passes by itself.
        """
        async with self.pool.acquire() as connection:
            await self._sign(connection)
            latest = await connection.fetchrow(SQL["latest"])
            if latest is not None and not latest["witnessed"]:
                await self._show(connection, witness, latest["size"], latest["note"])

    async def _sign(self, connection: Connection) -> None:
        """1. take new entries into the tree; 2. refuse one that does not contain what was signed last; 3. remember what
        will be signed, on a disk of its own; 4. sign, and commit tree and checkpoint together."""
        size = await connection.fetchval(SQL["size"])
        latest = await connection.fetchrow(SQL["latest"])
        before = 0 if latest is None else latest["size"]
        signed = read_signed(self.settings, self.origin)
        if signed is not None and size < signed.size:
            raise LedgerDepartsError("LEDGER-ROLLED-BACK")
        if not self._is_due(size - before):
            return
        async with connection.transaction():
            await grow_tree(connection, before, size)
            await self._refuse_fork(connection, signed)
            root = await computed(connection, partial(tree_root, size))
            write_signed(self.settings, self.origin, Signed(size, root.hex()))
            note = sign_checkpoint(Checkpoint(self.origin, size, root), self.origin, self.signer().private)
            await connection.execute(SQL["save_checkpoint"], size, note)
        self.signed_at = time.monotonic()

    def _is_due(self, fresh: int) -> bool:
        rested = time.monotonic() - self.signed_at >= self.settings.checkpoint_seconds
        return fresh >= ENTRIES_AT_LEAST or (fresh > 0 and rested)

    async def _refuse_fork(self, connection: Connection, signed: Signed | None) -> None:
        if signed is None:
            return
        root = await computed(connection, partial(tree_root, signed.size))
        if root.hex() != signed.root:
            raise LedgerDepartsError("LEDGER-FORKED")

    async def _show(self, connection: Connection, witness: Witness, size: int, note: str) -> None:
        """Have the witness cosign; it is told how its last one is contained in this one."""
        latest = await connection.fetchrow(SQL["latest_witnessed"])
        known = 0 if latest is None else latest["size"]
        cosigned = await witness.cosigned(note, size, known, partial(computed, connection))
        await connection.execute(SQL["witnessed"], size, cosigned)


async def open_log(settings: Settings, municipality: str, signer: Callable[[], Signer]) -> Log:
    """The municipality's log; raises `Refusal` when its database is not there."""
    name = HUB_DATABASE.name(settings.environment, municipality)
    pool = await open_pool(settings, name, role=LEDGER, principal=LEDGER, connections=1)
    return Log(settings, origin_of(settings.environment, municipality), pool, signer)
