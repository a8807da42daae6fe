"""The desk of inquiries: takes each institution's questions at the offsets PostgreSQL remembers, answers and logs."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import structlog
from aiokafka import AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, NoOffsetForPartitionError

from consumers.intermediate.inquiries.lane import InquiryLane, Place, lanes_of, open_pools
from consumers.intermediate.inquiries.sending import send_answers
from consumers.intermediate.inquiries.settling import Entry, settle
from consumers.kit.faults import TRANSIENT
from consumers.kit.record import Record
from consumers.kit.sink import Fenced
from infra.runtime.backoff import Backoff
from infra.runtime.kafka import consumer, producer
from infra.runtime.key_ring import KeyRing
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from topics.catalogue import inquiry_group
from topics.declared import grants_in_force
from topics.institutions import INTERMEDIATE, institutions_on

POLL_MILLISECONDS = 200


async def answer_inquiries(settings: Settings, ring: KeyRing, stop: Stop) -> None:
    """Answer until `stop`; after a fault everything is taken up anew where the databases stand."""
    pools, backoff = await open_pools(settings), Backoff()
    log = structlog.get_logger().bind(recipient=INTERMEDIATE)
    try:
        while not stop.is_set():
            asking = institutions_on(datetime.now(UTC).date())
            desk = Desk(settings, lanes_of(settings, ring, asking, pools))
            try:
                await desk.run(stop, backoff)
            except TRANSIENT as error:
                log.warning("waiting out a fault", code="KIT-FAULT", error=error)
                await backoff.wait(stop)
    finally:
        for pool in set(pools.values()):
            await pool.close()


def granted_items(settings: Settings, today: date) -> frozenset[int]:
    """The items of the linkage role's own grant; none while it is not in force, whatever lies in the copy."""
    grants = {grant.recipient: grant for grant in grants_in_force(today, settings.grants_directory)}
    return frozenset(grants[INTERMEDIATE].items) if INTERMEDIATE in grants else frozenset()


class Desk(ConsumerRebalanceListener):  # type: ignore[misc]
    """One membership in the group of inquiries."""

    def __init__(self, settings: Settings, lanes: dict[Place, InquiryLane]) -> None:
        self._settings = settings
        self._lanes = lanes
        self._unsent: dict[Place, InquiryLane] = {}
        self._consumer = consumer(settings, INTERMEDIATE, inquiry_group(settings.environment))
        self._producer: AIOKafkaProducer = producer(settings, INTERMEDIATE)
        self._log = structlog.get_logger().bind(recipient=INTERMEDIATE)

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
            await send_answers(self._producer, lane)
            del self._unsent[where]

    async def _settle(self, place: TopicPartition, records: Sequence[Record]) -> None:
        lane = self._lanes[place.topic, place.partition]
        today = datetime.now(UTC).date()
        try:
            entries = await settle(lane, records, today, granted_items(self._settings, today))
        except Fenced as fenced:
            self._log.warning("batch fenced", code="KIT-FENCED", partition=place.partition, offset=fenced.next_offset)
            await self._take_up(place)
            return
        self._unsent[lane.place] = lane
        self._tell(lane, entries)
        try:
            await self._consumer.commit({place: records[-1].offset + 1})
        except (CommitFailedError, IllegalStateError):
            self._log.info("offset not told to the broker after a rebalance", partition=place.partition)

    def _tell(self, lane: InquiryLane, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.refused:
                where = {"institution": lane.institution, "partition": lane.partition, "offset": entry.offset}
                self._log.error("inquiry refused", code=str(entry.refused), **where)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Send nothing for them any more; a batch still in work is fenced by its offset row."""
        for place in revoked:
            self._unsent.pop((place.topic, place.partition), None)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Take up each lane at its stored offset, and what it has not sent; municipalities not served stand still."""
        for place in assigned:
            if (place.topic, place.partition) in self._lanes:
                await self._take_up(place)
            else:
                self._consumer.pause(place)
                self._consumer.seek(place, 0)

    async def _take_up(self, place: TopicPartition) -> None:
        lane = self._lanes[place.topic, place.partition]
        first = (await self._consumer.beginning_offsets([place]))[place]
        try:
            self._consumer.seek(place, await lane.open(first))
        except IllegalStateError:
            self._log.info("partition is no longer ours", partition=place.partition)
            return
        self._unsent[lane.place] = lane
