"""The stream: from the recipient's topic to its sinks, at the offsets PostgreSQL remembers."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import structlog
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, NoOffsetForPartitionError

from consumers.kit.faults import TRANSIENT, Backoff
from consumers.kit.lane import Lane
from consumers.kit.recipient import Recipient
from consumers.kit.record import Record
from consumers.kit.sink import Fenced, Sink
from infra.runtime.edges import Edges
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from topics.catalogue import group, out_topic

POLL_MILLISECONDS = 200


class Stream(ConsumerRebalanceListener):  # type: ignore[misc]
    """One recipient's membership in its group. `settled` is set whenever a batch has left rows for the hub."""

    def __init__(
        self,
        settings: Settings,
        recipient: Recipient,
        lanes: Mapping[int, Lane],
        settled: asyncio.Event,
        edges: Edges,
    ) -> None:
        self._settings = settings
        self._recipient = recipient
        self._lanes = lanes
        self._settled = settled
        self._edges = edges
        self._sinks = {partition: Sink(recipient, lane) for partition, lane in lanes.items()}
        self._owned: frozenset[int] = frozenset()
        self._log = structlog.get_logger().bind(recipient=recipient.name)

    def owned(self) -> list[Lane]:
        """The lanes whose partitions this process holds now."""
        return [self._lanes[partition] for partition in sorted(self._owned)]

    async def run(self, stop: Stop) -> None:
        """Settle batch after batch until `stop`; a fault that passes is waited out, then the lane goes on."""
        backoff = Backoff(stop)
        while not stop.is_set() and not await self._joined(backoff):
            pass
        try:
            while not stop.is_set():
                await self._turn(backoff)
        finally:
            await self._consumer.stop()

    async def _joined(self, backoff: Backoff) -> bool:
        name = self._recipient.name
        self._consumer = self._edges.consumer(self._settings, name, group(self._settings.environment, name))
        try:
            await self._consumer.start()
        except TRANSIENT as error:
            self._log.warning("broker not reached yet", code="KIT-FAULT", error=error)
            await self._consumer.stop()
            await backoff.wait()
            return False
        self._consumer.subscribe([out_topic(self._settings.environment, self._recipient.grant)], listener=self)
        return True

    async def _turn(self, backoff: Backoff) -> None:
        try:
            await self._batch()
            backoff.reset()
        except NoOffsetForPartitionError:
            await self._rewind(backoff)
        except TRANSIENT as error:
            self._log.warning("waiting out a fault", code="KIT-FAULT", error=error)
            await backoff.wait()
            await self._rewind(backoff)

    async def _batch(self) -> None:
        batches = await self._consumer.getmany(
            timeout_ms=POLL_MILLISECONDS, max_records=self._settings.consumer_batch_records
        )
        faults = [await self._attempt(place, records) for place, records in batches.items()]
        for fault in filter(None, faults):
            raise fault

    async def _attempt(self, place: TopicPartition, records: Sequence[ConsumerRecord]) -> Exception | None:
        """Settle one lane's records; a fault is returned, so that the other lanes still have their turn."""
        try:
            await self._settle(place, [_record(record) for record in records])
        except TRANSIENT as error:
            return error
        return None

    async def _settle(self, place: TopicPartition, records: Sequence[Record]) -> None:
        try:
            await self._sinks[place.partition].settle(records)
        except Fenced as fenced:
            self._log.warning("batch fenced", code="KIT-FENCED", partition=place.partition, offset=fenced.next_offset)
            await self._take_up(place)
            return
        self._settled.set()
        await self._commit(place, records[-1].offset + 1)

    async def _commit(self, place: TopicPartition, offset: int) -> None:
        try:
            await self._consumer.commit({place: offset})
        except (CommitFailedError, IllegalStateError):
            self._log.info("offset not told to the broker after a rebalance", partition=place.partition)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Forget the lanes; a batch still in work is fenced by its offset row."""
        self._owned = frozenset()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Take up each lane at its stored offset; partitions of municipalities not served here stand still."""
        for place in assigned:
            await self._take_up(place)
        self._owned = frozenset(place.partition for place in assigned if place.partition in self._lanes)

    async def _take_up(self, place: TopicPartition) -> None:
        lane = self._lanes.get(place.partition)
        if lane is None:
            self._consumer.pause(place)
            self._seek(place, 0)
            return
        stored = await lane.stored_offset()
        if stored is None:
            first = (await self._consumer.beginning_offsets([place]))[place]
            await lane.open(first, self._recipient.copy.forget)
            stored = await lane.stored_offset()
        self._seek(place, stored or 0)

    async def _rewind(self, backoff: Backoff) -> None:
        try:
            await self.on_partitions_assigned(self._consumer.assignment())
        except TRANSIENT as error:
            self._log.warning("lanes not taken up yet", code="KIT-FAULT", error=error)
            await backoff.wait()

    def _seek(self, place: TopicPartition, offset: int) -> None:
        try:
            self._consumer.seek(place, offset)
        except (IllegalStateError, KafkaError):
            self._log.info("partition is no longer ours", partition=place.partition)


def _record(record: ConsumerRecord) -> Record:
    return Record(record.offset, record.key, record.value, tuple(record.headers))
