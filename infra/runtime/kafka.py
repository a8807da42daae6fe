"""Kafka clients on the data path: TLS, idempotent producers, manual progress."""

from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from infra.runtime.settings import Settings
from infra.runtime.tls import client_context

REQUEST_TIMEOUT_MILLISECONDS = 15_000
METADATA_MILLISECONDS = 5_000
"""A topic that is made, or opened to us, only after it was subscribed to is found within this time."""


def producer(settings: Settings, principal: str) -> AIOKafkaProducer:
    """An idempotent producer (acks=all), not yet started."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap,
        client_id=f"kairan-{principal}",
        security_protocol="SSL",
        ssl_context=client_context(settings, principal),
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=256 * 1024,
        max_request_size=1024 * 1024,
        request_timeout_ms=REQUEST_TIMEOUT_MILLISECONDS,
    )


def consumer(settings: Settings, principal: str, group: str) -> AIOKafkaConsumer:
    """A consumer without automatic commit, not yet started or subscribed.

    Range assignment keeps the same partition of all subscribed topics, and so one municipality, with one member. A
    position that retention has passed raises instead of being hidden.
    """
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        client_id=f"kairan-{principal}",
        group_id=group,
        security_protocol="SSL",
        ssl_context=client_context(settings, principal),
        enable_auto_commit=False,
        auto_offset_reset="none",
        partition_assignment_strategy=(RangePartitionAssignor,),
        session_timeout_ms=settings.session_timeout_seconds * 1000,
        heartbeat_interval_ms=settings.session_timeout_seconds * 1000 // 4,
        request_timeout_ms=REQUEST_TIMEOUT_MILLISECONDS + settings.session_timeout_seconds * 1000,
        max_partition_fetch_bytes=4 * 1024 * 1024,
        fetch_max_wait_ms=500,
        metadata_max_age_ms=METADATA_MILLISECONDS,
    )


def stand_still(member: AIOKafkaConsumer, places: Iterable[TopicPartition]) -> None:
    """Fetch nothing of these; they have a position all the same, for without one fetching fails altogether."""
    for place in places:
        member.pause(place)
        member.seek(place, 0)


async def first_offsets(
    member: AIOKafkaConsumer, assigned: Iterable[TopicPartition], is_served: Callable[[TopicPartition], bool]
) -> dict[TopicPartition, int]:
    """The first offset of each that is served; the others stand still.

    The broker is asked once for all: while a member takes its partitions over there is no heartbeat, and one round trip
    for each outlasts its session where the line is slow.
    """
    places = list(assigned)
    served = [place for place in places if is_served(place)]
    stand_still(member, (place for place in places if not is_served(place)))
    firsts: dict[TopicPartition, int] = await member.beginning_offsets(served) if served else {}
    return firsts
