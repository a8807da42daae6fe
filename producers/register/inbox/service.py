"""The inbox's process: reads the register's topic at the offsets that PostgreSQL remembers."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError

from infra.runtime.kafka import consumer, first_offsets
from infra.runtime.key_ring import KeyRing
from infra.runtime.log import Logger
from infra.runtime.postgres import DATABASE_ERRORS
from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from producers.register.inbox.lane import FencedError, Lane, open_lane
from topics.catalogue import REGISTER, group, register_topic
from topics.partitions import partition_of

POLL_MILLISECONDS = 200
MOST_RECORDS = 500
RETRY_SECONDS = 1.0
TRANSIENT = (*DATABASE_ERRORS, OSError, KafkaError, Refusal)


async def run_inbox(settings: Settings, stop: Stop) -> None:
    """Run until `stop`, one lane for each municipality; faults are waited out."""
    log: Logger = structlog.get_logger()
    while not stop.is_set():
        try:
            async with AsyncExitStack() as opened:
                ring = KeyRing(settings)
                lanes = [
                    await opened.enter_async_context(open_lane(settings, code, ring, log))
                    for code in settings.municipalities
                ]
                await Inbox(settings, {partition_of(lane.municipality): lane for lane in lanes}, log).run(stop)
        except TRANSIENT as error:
            log.warning("the inbox starts anew", code="REGISTER-INBOX-RESTART", error=error)
            await pause(stop, RETRY_SECONDS)


class Inbox(ConsumerRebalanceListener):  # type: ignore[misc]
    """One membership of the register's group; a lane that fails waits, and the others go on."""

    def __init__(self, settings: Settings, lanes: Mapping[int, Lane], log: Logger) -> None:
        self._settings = settings
        self._lanes = lanes
        self._log = log
        self._retry_at: dict[TopicPartition, float] = {}
        self._consumer: AIOKafkaConsumer = consumer(settings, REGISTER, group(settings.environment, REGISTER))

    async def run(self, stop: Stop) -> None:
        """Fetch and settle until `stop`."""
        try:
            await self._consumer.start()
            self._consumer.subscribe([register_topic(self._settings.environment)], listener=self)
            while not stop.is_set():
                self._resume_due()
                await self._turn()
        finally:
            await self._consumer.stop()

    async def _turn(self) -> None:
        try:
            fetched = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=MOST_RECORDS)
        except NoOffsetForPartitionError:
            # Fetching had begun before the lanes were taken up.
            await self.on_partitions_assigned(self._consumer.assignment())
            return
        await asyncio.gather(*(self._settle(place, records) for place, records in fetched.items()))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to let go of: a batch still in work is fenced by its progress row."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Take up each lane where its database says; partitions of municipalities not served here stand still."""
        for place, first in (await first_offsets(self._consumer, assigned, self._is_served)).items():
            self._consumer.seek(place, await self._lanes[place.partition].take_up(first))

    def _is_served(self, place: TopicPartition) -> bool:
        return place.partition in self._lanes

    async def _settle(self, place: TopicPartition, records: Sequence[ConsumerRecord]) -> None:
        lane = self._lanes[place.partition]
        try:
            await lane.settle(records)
        except (FencedError, *TRANSIENT) as error:
            lane.log.error("a lane waits", code="REGISTER-INBOX-RETRY", error=error)
            self._consumer.pause(place)
            self._retry_at[place] = time.monotonic() + RETRY_SECONDS
            await self.on_partitions_assigned([place])
            return
        try:
            await self._consumer.commit({place: lane.progress.next_offset})
        except KafkaError as error:
            # Progress stands in the database; the group's offset only tells the lag tools.
            lane.log.info("the group's offset was not taken", code="REGISTER-INBOX-COMMIT", error=error)

    def _resume_due(self) -> None:
        now = time.monotonic()
        for place in [place for place, moment in self._retry_at.items() if moment <= now]:
            del self._retry_at[place]
            if place in self._consumer.assignment():
                self._consumer.resume(place)
