"""Reads whole topics as the auditor: no group, no commit, from the first record to the last one there is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from infra.runtime.settings import Settings
from infra.runtime.tls import client_context
from topics.catalogue import AUDITOR


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it lies on the topic."""

    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class TopicReader:
    """Whole partitions, one after the other, over the same connections; the auditor must have been lent the right to
    read them."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def partition(self, topic: str, partition: int, *, last: int | None = None) -> AsyncIterator[Raw]:
        """All records of a partition that lie there now, or about the `last` ones."""
        place = TopicPartition(topic, partition)
        self._consumer.assign([place])
        end = (await self._consumer.end_offsets([place]))[place]
        await self._consumer.seek_to_beginning(place)
        if last is not None:
            self._consumer.seek(place, max(await self._consumer.position(place), end - last))
        position = await self._consumer.position(place)
        while position < end:
            for record in (await self._consumer.getmany(place, timeout_ms=500)).get(place, []):
                if record.offset < end:
                    yield Raw(record.offset, record.key or b"", record.value or b"", tuple(record.headers))
            position = await self._consumer.position(place)


@asynccontextmanager
async def topic_reader(settings: Settings) -> AsyncIterator[TopicReader]:
    """Reads as the auditor within the block."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        client_id="kairan-auditor",
        security_protocol="SSL",
        ssl_context=client_context(settings, AUDITOR),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=20,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    await consumer.start()
    try:
        yield TopicReader(consumer)
    finally:
        await consumer.stop()
