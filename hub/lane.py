"""A lane: one municipality as one worker owns it, with its databases, its epoch and its progress."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hub.databases import HUB_DATABASE
from hub.ledger.standing import enter_standing, standing
from hub.ledger.writing import open_ledger
from hub.router.routing import Routing
from hub.store import SQL, lock_head, read_last_numbers
from hub.windows.waiting import read_windows
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.databases import database_name
from infra.runtime.edges import Edges
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import HUB_KEY, NUMBERS_KEY, derive, load_key, pseudonym
from infra.runtime.postgres import Connection, Pool
from infra.runtime.settings import Settings
from infra.runtime.tracing import OFF, Traces, traces_of
from infra.runtime.wake import Wake
from topics.catalogue import HUB, out_topic
from topics.declared import grants_in_force
from topics.envelope.opening import Opener
from topics.envelope.places import change_terms, inbound_terms
from topics.grant import Grant

JOIN_ROLE = "hub_join"


@dataclass(slots=True)
class Lane:
    """Everything one municipality needs; `epoch` fences this worker as soon as another takes over.

    `marks_pool` is one connection for what must be committed in the midst of a transaction on `pool`.
    """

    settings: Settings
    municipality: str
    edges: Edges
    pool: Pool
    marks_pool: Pool
    numbers_pool: Pool
    epoch: int
    offsets: dict[str, int]
    ring: KeyRing
    change_opener: Opener
    run_keys: ColumnCipher
    number_cipher: ColumnCipher
    parked_keys: ColumnCipher
    parked_values: ColumnCipher
    hub_key: bytes
    wake: Wake = field(default_factory=Wake)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    traces: Traces = OFF
    _inbound: dict[str, Opener] = field(default_factory=dict)

    def grants(self) -> tuple[Grant, ...]:
        """The grants in force at this moment; looked up for every batch, so that an end takes effect by itself."""
        return grants_in_force(datetime.now(UTC).date(), self.settings.grants_directory)

    def inbound_opener(self, party: str) -> Opener:
        """What opens the party's messages to this municipality's hub."""
        if party not in self._inbound:
            terms = inbound_terms(self.settings.environment, party, self.municipality)
            self._inbound[party] = Opener(terms, self.ring.register, self.ring.private)
        return self._inbound[party]

    async def routing(self, connection: Connection, grants: Sequence[Grant], *, at_once: bool = False) -> Routing:
        """An empty batch for those of `grants` that were not revoked; the head must be locked.

        `at_once`: what is routed is told now, windows or not; for what has waited.
        """
        return Routing(
            municipality=self.municipality,
            key=derive(self.hub_key, "trigger-digest"),
            subject_of=self._subject,
            last_numbers=await read_last_numbers(connection, grants),
            generations={grant.recipient: grant.generation for grant in grants},
            windows={} if at_once else await read_windows(connection, grants),
        )

    async def close(self) -> None:
        """Stop the lane's tasks and let go of its connections."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.gather(*(pool.close() for pool in (self.pool, self.marks_pool, self.numbers_pool)))

    def _subject(self, grant: Grant, addressee_number: str) -> str:
        topic = out_topic(self.settings.environment, grant)
        return pseudonym(self.hub_key, topic, self.municipality, addressee_number)


async def open_lane(settings: Settings, municipality: str, edges: Edges) -> Lane:
    """Take the municipality over: from now on every other worker's transactions on it fail."""
    environment, traces = settings.environment, traces_of(settings, HUB, HUB)
    name = HUB_DATABASE.name(environment, municipality)
    pool = await edges.open_pool(settings, name, role=HUB, principal=HUB)
    marks_pool = await edges.open_pool(settings, name, role=HUB, principal=HUB, connections=1)
    numbers = database_name("numbers", environment, municipality)
    numbers_pool = await edges.open_pool(settings, numbers, role=JOIN_ROLE, principal=HUB)
    hub_key = load_key(settings, HUB_KEY)
    epoch = await pool.fetchval(SQL["take_over"])
    number_key, ring = load_key(settings, NUMBERS_KEY), edges.key_ring(settings)
    offsets = {row["topic"]: row["next_offset"] for row in await pool.fetch(SQL["offsets"])}
    lane = Lane(
        settings=settings,
        municipality=municipality,
        edges=edges,
        pool=pool,
        marks_pool=marks_pool,
        numbers_pool=numbers_pool,
        epoch=epoch,
        offsets=offsets,
        ring=ring,
        change_opener=Opener(change_terms(environment, municipality), ring.register, ring.private),
        run_keys=ColumnCipher(hub_key, table="seal_run", column="content_key"),
        number_cipher=ColumnCipher(number_key, table="number_version", column="number"),
        parked_keys=ColumnCipher(hub_key, table="parked", column="key"),
        parked_values=ColumnCipher(hub_key, table="parked", column="value"),
        hub_key=hub_key,
        traces=traces,
    )
    await _register(lane)
    return lane


async def _register(lane: Lane) -> None:
    """Give every recipient its row, and enter grants and keys as they stand."""
    grants = lane.grants()
    async with lane.pool.acquire() as connection, connection.transaction():
        await lock_head(connection, lane.epoch)
        names = [grant.recipient for grant in grants]
        await connection.execute(SQL["register_recipients"], names, [grant.generation for grant in grants])
        ledger = await open_ledger(connection, lane.settings.environment, lane.municipality)
        await enter_standing(connection, ledger, standing(grants, lane.ring.register()))
        await ledger.save(connection)
