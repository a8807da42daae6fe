"""A desk: lanes that bring something else than deliveries, each settled at the offset that its database remembers.

A lane settles a batch with its progress in one transaction, and says what it refused; then it sends what it owes.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import structlog
from aiokafka import AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, NoOffsetForPartitionError

from consumers.kit.faults import TRANSIENT
from consumers.kit.record import Record
from consumers.kit.sink import Fenced
from infra.runtime.backoff import Backoff
from infra.runtime.edges import Edges
from infra.runtime.kafka import first_offsets
from infra.runtime.postgres import Connection, Pool
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings

POLL_MILLISECONDS = 200
LOOK_SECONDS = 1.0
Place = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that the lane entered as refused: at which offset, why, and what else may be told of it."""

    offset: int
    code: str
    told: Mapping[str, str]


class DeskLane(Protocol):
    """What a desk must know of a lane."""

    @property
    def place(self) -> Place:
        """Topic and partition."""
        ...

    async def open(self, first_offset: int) -> int:
        """The first offset not yet settled, and at least `first_offset`, the first one that the topic has."""
        ...

    async def settle(self, records: Sequence[Record]) -> Sequence[Refused]:
        """Settle records, contiguous and in order; raises `Fenced` when they are not the lane's next ones."""
        ...

    async def send(self, link: AIOKafkaProducer) -> None:
        """Send everything that waits."""
        ...


Lanes = Callable[[], Mapping[Place, DeskLane]]


@asynccontextmanager
async def settling(
    pool: Pool, statements: Mapping[str, str], place: Place, records: Sequence[Record]
) -> AsyncIterator[Connection]:
    """One transaction for what `records`, contiguous and in order, bring about and for the progress past them.

    By the statements `lock_offset` and `advance`, each given the place; raises `Fenced` when they are not its next.
    """
    async with pool.acquire() as connection, connection.transaction():
        expected = await connection.fetchval(statements["lock_offset"], *place)
        if expected != records[0].offset:
            raise Fenced(expected)
        yield connection
        await connection.execute(statements["advance"], *place, records[-1].offset + 1)


async def keep_desk(settings: Settings, principal: str, group: str, lanes: Lanes, stop: Stop, edges: Edges) -> None:
    """Serve until `stop`; after a fault everything is taken up anew, `lanes` too, where the databases stand."""
    backoff, log = Backoff(edges.random.random), structlog.get_logger().bind(recipient=principal)
    while not stop.is_set():
        served = lanes()
        if not served:
            await pause(stop, LOOK_SECONDS)
            continue
        try:
            await Desk(settings, principal, group, served, edges).run(stop, backoff)
        except TRANSIENT as error:
            log.warning("waiting out a fault", code="KIT-FAULT", error=error)
            await backoff.wait(stop)


class Desk(ConsumerRebalanceListener):  # type: ignore[misc]
    """One membership in the desk's group."""

    def __init__(
        self, settings: Settings, principal: str, group: str, lanes: Mapping[Place, DeskLane], edges: Edges
    ) -> None:
        self._settings = settings
        self._lanes = lanes
        self._unsent: dict[Place, DeskLane] = {}
        self._consumer = edges.consumer(settings, principal, group)
        self._producer = edges.producer(settings, principal)
        self._log = structlog.get_logger().bind(recipient=principal)

    async def run(self, stop: Stop, backoff: Backoff) -> None:
        """Batch after batch until `stop`; raises what is transient."""
        try:
            await self._consumer.start()
            await self._producer.start()
            self._consumer.subscribe(sorted({topic for topic, _ in self._lanes}), listener=self)
            while not stop.is_set():
                await self._turn()
                backoff.reset()
        finally:
            await self._consumer.stop()
            await self._producer.stop()

    async def _turn(self) -> None:
        try:
            await self._batch()
        except NoOffsetForPartitionError:
            await self.on_partitions_assigned(self._consumer.assignment())

    async def _batch(self) -> None:
        limit = self._settings.consumer_batch_records
        batches = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=limit)
        for place, records in batches.items():
            await self._settle(place, [Record(r.offset, r.key, r.value, tuple(r.headers)) for r in records])
        for where, lane in list(self._unsent.items()):
            await lane.send(self._producer)
            self._unsent.pop(where, None)  # it may have been taken from us meanwhile

    async def _settle(self, place: TopicPartition, records: Sequence[Record]) -> None:
        lane = self._lanes[place.topic, place.partition]
        try:
            refused = await lane.settle(records)
        except Fenced as fenced:
            self._log.warning("batch fenced", code="KIT-FENCED", partition=place.partition, offset=fenced.next_offset)
            await self.on_partitions_assigned([place])
            return
        self._unsent[lane.place] = lane
        for each in refused:
            where = {**each.told, "topic": place.topic, "partition": place.partition, "offset": each.offset}
            self._log.error("a record is refused", code=each.code, **where)
        try:
            await self._consumer.commit({place: records[-1].offset + 1})
        except (CommitFailedError, IllegalStateError):
            self._log.info("offset not told to the broker after a rebalance", partition=place.partition)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Send nothing for them any more; a batch still in work is fenced by its offset row."""
        for place in revoked:
            self._unsent.pop((place.topic, place.partition), None)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Take up each lane at its stored offset, and what it has not sent; municipalities not served stand still."""
        for place, first in (await first_offsets(self._consumer, assigned, self._is_served)).items():
            await self._take_up(place, first)

    def _is_served(self, place: TopicPartition) -> bool:
        return (place.topic, place.partition) in self._lanes

    async def _take_up(self, place: TopicPartition, first: int) -> None:
        lane = self._lanes[place.topic, place.partition]
        try:
            self._consumer.seek(place, await lane.open(first))
        except IllegalStateError:
            self._log.info("partition is no longer ours", partition=place.partition)
            return
        self._unsent[lane.place] = lane
