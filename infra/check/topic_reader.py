"""Reads whole topics as the auditor: no group, no commit, from the first record to the last one there is."""

from collections.abc import AsyncIterator
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


async def read_partition(
    settings: Settings, topic: str, partition: int, *, last: int | None = None
) -> AsyncIterator[Raw]:
    """All records of a partition, or about the `last` ones; the auditor must have been lent the right to read it."""
    place = TopicPartition(topic, partition)
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
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        await consumer.seek_to_beginning(place)
        if last is not None:
            consumer.seek(place, max(await consumer.position(place), end - last))
        position = await consumer.position(place)
        while position < end:
            for record in (await consumer.getmany(place, timeout_ms=500)).get(place, []):
                if record.offset < end:
                    yield Raw(record.offset, record.key or b"", record.value or b"", tuple(record.headers))
            position = await consumer.position(place)
    finally:
        await consumer.stop()
