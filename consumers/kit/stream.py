"""The stream: from the recipient's topic to its sinks, at the offsets PostgreSQL remembers."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import structlog
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, NoOffsetForPartitionError

from consumers.kit.faults import LIMIT, TRANSIENT, ParkLimitError
from consumers.kit.lane import Lane
from consumers.kit.recipient import Recipient
from consumers.kit.record import Record
from consumers.kit.sink import Fenced, Sink
from infra.runtime.backoff import Backoff
from infra.runtime.edges import Edges
from infra.runtime.kafka import stand_still
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from infra.runtime.tracing import traceparent_in
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
        most, window = settings.parked_most_records, settings.parked_window_records
        self._sinks = {p: Sink(recipient, lane, most=most, window=window) for p, lane in lanes.items()}
        self._backoffs: dict[int, Backoff] = {}
        self._resume_at: dict[TopicPartition, float] = {}
        self._owned: frozenset[int] = frozenset()
        self._log = structlog.get_logger().bind(recipient=recipient.name)

    def owned(self) -> list[Lane]:
        """The lanes whose partitions this process holds now."""
        return [self._lanes[partition] for partition in sorted(self._owned)]

    async def run(self, stop: Stop) -> None:
        """Settle batch after batch until `stop`; a fault that passes is waited out, one lane's by that lane alone."""
        backoff = Backoff(self._edges.random.random)
        while not stop.is_set() and not await self._joined():
            await backoff.wait(stop)
        try:
            while not stop.is_set():
                await self._turn(backoff, stop)
        finally:
            await self._consumer.stop()

    async def _joined(self) -> bool:
        name = self._recipient.name
        self._consumer = self._edges.consumer(self._settings, name, group(self._settings.environment, name))
        try:
            await self._consumer.start()
        except TRANSIENT as error:
            self._log.warning("broker not reached yet", code="KIT-FAULT", error=error)
            await self._consumer.stop()
            return False
        self._consumer.subscribe([out_topic(self._settings.environment, self._recipient.grant)], listener=self)
        return True

    async def _turn(self, backoff: Backoff, stop: Stop) -> None:
        try:
            self._resume_due()
            await self._batch()
            backoff.reset()
        except NoOffsetForPartitionError:
            await self.on_partitions_assigned(self._consumer.assignment())
        except TRANSIENT as error:
            self._log.warning("waiting out a fault", code="KIT-FAULT", error=error)
            await backoff.wait(stop)
            await self.on_partitions_assigned(self._consumer.assignment())

    async def _batch(self) -> None:
        batches = await self._consumer.getmany(
            timeout_ms=POLL_MILLISECONDS, max_records=self._settings.consumer_batch_records
        )
        for place, records in batches.items():
            await self._attempt(place, [_record(record) for record in records])

    async def _attempt(self, place: TopicPartition, records: Sequence[Record]) -> None:
        """Settle one lane's records; what befalls that lane delays no other."""
        try:
            await self._settle(place, records)
        except ParkLimitError as limit:
            self._log.error(
                "parks too much and stands still", code=LIMIT, partition=place.partition, parked=limit.parked
            )
            self._pause(place, records[0].offset)
        except TRANSIENT as error:
            self._log.warning("waiting out a fault", code="KIT-FAULT", partition=place.partition, error=error)
            self._pause(place, records[0].offset)
        else:
            self._backoffs.pop(place.partition, None)

    def _pause(self, place: TopicPartition, offset: int | None = None) -> None:
        """Fetch nothing of this lane for a while, then go on from `offset`, or where its database says."""
        try:
            self._consumer.pause(place)
        except IllegalStateError:
            return  # the partition is no longer ours
        if offset is not None:
            self._seek(place, offset)
        backoff = self._backoffs.setdefault(place.partition, Backoff(self._edges.random.random))
        self._resume_at[place] = asyncio.get_running_loop().time() + backoff.seconds()

    def _resume_due(self) -> None:
        now = asyncio.get_running_loop().time()
        for place in [place for place, moment in self._resume_at.items() if moment <= now]:
            del self._resume_at[place]
            if place in self._consumer.assignment():
                self._consumer.resume(place)

    async def _settle(self, place: TopicPartition, records: Sequence[Record]) -> None:
        contexts = (traceparent_in(record.headers) for record in records)
        try:
            with self._lanes[place.partition].traces.batch("process", place.topic, contexts):
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
            try:
                await self._take_up(place)
            except TRANSIENT as error:
                self._log.warning(
                    "a lane is not taken up yet", code="KIT-FAULT", partition=place.partition, error=error
                )
                self._pause(place)
        self._owned = frozenset(place.partition for place in assigned if place.partition in self._lanes)

    async def _take_up(self, place: TopicPartition) -> None:
        lane = self._lanes.get(place.partition)
        if lane is None:
            stand_still(self._consumer, [place])
            return
        stored = await lane.stored_offset()
        if stored is None:
            first = (await self._consumer.beginning_offsets([place]))[place]
            await lane.open(first, self._recipient.copy.forget)
            stored = await lane.stored_offset()
        self._seek(place, stored or 0)

    def _seek(self, place: TopicPartition, offset: int) -> None:
        try:
            self._consumer.seek(place, offset)
        except (IllegalStateError, KafkaError):
            self._log.info("partition is no longer ours", partition=place.partition)


def _record(record: ConsumerRecord) -> Record:
    return Record(record.offset, record.key, record.value, tuple(record.headers))
