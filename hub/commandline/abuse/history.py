"""Case 54: a superuser alters an entry of the ledger; the replay against signed checkpoints finds it."""

from collections.abc import Sequence

from hub.commandline.abuse.case import NOT_REFUSED, Attempt, Case, Evidence
from hub.databases import HUB_DATABASE
from hub.ledger.writing import Ledger
from infra.check.ledger import verifiers
from infra.check.offline import Difference, Replay, read_checkpoint, read_key
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN, LEDGER
from topics.ledger.entry import EntryKind
from topics.ledger.note import Checkpoint, origin_of, sign_checkpoint
from topics.ledger.tree import Range, leaf_hash

_SQL = load_queries("hub.commandline.abuse", "history.sql")
TRIAL_ENTRIES = 3
AT_ONCE = 10_000


async def _altered_by_superuser(settings: Settings) -> Attempt:
    """The alteration and its discovery are one transaction, of which nothing remains."""
    city = settings.municipalities[0]
    name = HUB_DATABASE.name(settings.environment, city)
    connection = await connect(settings, name, role=ADMIN, principal=ADMIN)
    transaction = connection.transaction()
    await transaction.start()
    try:
        notes = [row["note"] for row in await connection.fetch(_SQL["notes"])] or [await _trial(connection, settings)]
        before = await _differences(connection, settings, notes)
        await connection.execute(_SQL["alter_first"])
        found = [each for each in await _differences(connection, settings, notes) if each not in before]
    finally:
        await transaction.rollback()
        await connection.close()
    causes = "; ".join(f"{each.code}: {each.sentence}" for each in found[:1])
    return Attempt(refused=bool(found), cause=causes or NOT_REFUSED)


async def _trial(connection: Connection, settings: Settings) -> str:
    """A few entries and a checkpoint over them, where the ledger has none of its own yet."""
    origin = origin_of(settings.environment, settings.municipalities[0])
    (head,) = await connection.fetch(_SQL["head"])
    ledger, tree = Ledger.at(origin, head["size"], head["time"]), Range()
    for _ in range(TRIAL_ENTRIES):
        ledger.enter(EntryKind.VIEW, {"actor": "drill"})
    await ledger.save(connection)
    async for row in connection.cursor(_SQL["entries"], prefetch=AT_ONCE):
        tree.append(leaf_hash(row["entry"].encode("ascii")))
    signer = KeyRing(settings).signer(LEDGER)
    return sign_checkpoint(Checkpoint(origin, tree.size, tree.root()), origin, signer.private)


async def _differences(connection: Connection, settings: Settings, notes: Sequence[str]) -> list[Difference]:
    known = verifiers(settings, settings.municipalities[0], KeyRing(settings).register())
    keys = [read_key(each.vkey, each.kind) for each in known]
    replay = Replay([read_checkpoint(note, keys) for note in notes])
    async for row in connection.cursor(_SQL["entries"], prefetch=AT_ONCE):
        replay.add(row["entry"].encode("ascii"))
    return replay.differences()


HISTORY = (Case(54, "a superuser alters an entry of the ledger", Evidence.FINDING, _altered_by_superuser),)
