"""A lane: one municipality's partition of the recipient's topic, with the database its rows go to."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from consumers.databases import database_of
from consumers.kit.checks import Terms, terms_of
from consumers.kit.recipient import Recipient
from infra.runtime.edges import REAL, Edges
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import Connection, Pool
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from infra.runtime.tracing import OFF, Traces, traces_of
from topics.catalogue import out_topic
from topics.envelope.opening import Opener
from topics.envelope.places import delivery_terms
from topics.partitions import partition_of

_SQL = load_queries("consumers.kit", "queries.sql")
Forget = Callable[[Connection, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Lane:
    """Where one municipality's deliveries come from, what is accepted, and where it goes."""

    topic: str
    partition: int
    terms: Terms
    opener: Opener
    pool: Pool
    traces: Traces = OFF

    @property
    def municipality(self) -> str:
        """The municipality code."""
        return self.terms.municipality

    async def stored_offset(self) -> int | None:
        """The first offset not yet settled, or None on first contact."""
        offset: int | None = await self.pool.fetchval(_SQL["stored_offset"], self.topic, self.partition)
        return offset

    async def open(self, first_offset: int, forget: Forget) -> None:
        """Prepare the lane's rows; what is stored already stays, but for what an earlier generation left."""
        place = (self.municipality, self.terms.generation)
        async with self.pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(_SQL["earlier_generation"], *place):
                await connection.execute(_SQL["forget_generations"], self.municipality)
                await forget(connection, self.municipality)
            await connection.execute(_SQL["open_lane"], self.topic, self.partition, first_offset, *place)


async def open_lanes(settings: Settings, recipient: Recipient, ring: KeyRing, edges: Edges = REAL) -> dict[int, Lane]:
    """The lanes of all served municipalities, by partition; raises `Refusal` when a database is not there."""
    database = database_of(recipient.grant)
    names = database.names(settings.environment, settings.municipalities)
    pools = {n: await edges.open_pool(settings, n, role=recipient.name, principal=recipient.name) for n in names}
    topic = out_topic(settings.environment, recipient.grant)
    traces = traces_of(settings, recipient.name, recipient.name) if recipient.grant.traced else OFF
    lanes = [
        Lane(
            topic,
            partition_of(code),
            terms_of(recipient.grant, code),
            Opener(delivery_terms(settings.environment, recipient.grant, code), ring.register, ring.private),
            pools[database.name(settings.environment, code)],
            traces,
        )
        for code in settings.municipalities
    ]
    return {lane.partition: lane for lane in lanes}


async def close_lanes(lanes: Sequence[Lane]) -> None:
    """Close the lanes' connections."""
    for pool in {id(lane.pool): lane.pool for lane in lanes}.values():
        await pool.close()
