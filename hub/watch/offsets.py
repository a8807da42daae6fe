"""How far every group has read, asked as the principal `ops`, which may describe and read nothing."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from hub.watch.oldest import Found, written_at
from hub.watch.readings import Place, Reading
from hub.watch.streams import Stream
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.broker import Access, BrokerError, admin_client
from topics.catalogue import OPERATIONS

TIMEOUT_SECONDS = 5.0
EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]


class Offsets:
    """One watcher's connection to the brokers; when an unread record was written is remembered while it is the next."""

    def __init__(self, settings: Settings) -> None:
        directory = settings.certificates_directory
        try:
            self._admin = admin_client(Access(settings.kafka_bootstrap, directory, OPERATIONS))
        except KafkaException:
            raise Refusal("KRN-CERTIFICATE", f"no usable certificate for {OPERATIONS} in {directory}") from None
        self._written: dict[Place, tuple[int, int]] = {}

    def read(self, watched: Sequence[Stream]) -> dict[Stream, Reading]:
        """One reading of every stream; raises `BrokerError` when the brokers cannot be reached.

        What groups have read is asked before what there is, so that nobody seems to be ahead.
        """
        visible = self._visible_topics()
        groups = {group: self._members(group) for group in sorted({stream.group for stream in watched})}
        seen = [stream for stream in watched if stream.topic in visible and groups[stream.group] is not None]
        committed = self._committed(seen)
        places = sorted({_place(stream) for stream in seen})
        first = self._offsets(dict.fromkeys(places, EARLIEST))
        last = self._offsets(dict.fromkeys(places, LATEST))
        readings = {}
        for stream in watched:
            place = _place(stream)
            readings[stream] = Reading(
                moment=time.time(),
                topic_visible=stream.topic in visible,
                members=groups[stream.group],
                committed=committed.get(stream),
                earliest=first[place][0] if place in first else 0,
                latest=last[place][0] if place in last else 0,
            )
        return self._with_ages(readings)

    def _with_ages(self, readings: Mapping[Stream, Reading]) -> dict[Stream, Reading]:
        """Each place has one reader, so one record there is the oldest unread."""
        unread = {_place(stream): reading.next for stream, reading in readings.items() if reading.lag > 0}
        asked = {place: offset for place, offset in unread.items() if self._written.get(place, (None,))[0] != offset}
        found = written_at(self._written_after, asked, int(time.time() * 1000))
        known = {place: each for place, each in self._written.items() if unread.get(place) == each[0]}
        self._written = known | {place: (asked[place], moment) for place, moment in found.items()}
        moments = {place: moment for place, (_, moment) in self._written.items()}
        return {stream: reading.with_oldest(moments.get(_place(stream))) for stream, reading in readings.items()}

    def _written_after(self, asked: Mapping[Place, int]) -> Mapping[Place, Found]:
        return self._offsets({place: OffsetSpec.for_timestamp(moment) for place, moment in asked.items()})

    def _visible_topics(self) -> set[str]:
        return set(_call(lambda: self._admin.list_topics(timeout=TIMEOUT_SECONDS), "list topics").topics)

    def _members(self, group: str) -> int | None:
        """How many processes read as this group; None when it may not be seen."""
        future = self._admin.describe_consumer_groups([group], request_timeout=TIMEOUT_SECONDS)[group]
        try:
            return len(future.result().members)
        except KafkaException as error:
            if error.args[0].name() == "GROUP_AUTHORIZATION_FAILED":
                return None
            raise BrokerError(f"describe a group: {error.args[0].name()}") from None

    def _committed(self, seen: Iterable[Stream]) -> dict[Stream, int]:
        """What each stream's group has committed; a stream of which nothing was ever committed is left out."""
        by_group: dict[str, list[Stream]] = defaultdict(list)
        for stream in seen:
            by_group[stream.group].append(stream)
        return {stream: offset for group in by_group for stream, offset in self._of_group(group, by_group[group])}

    def _of_group(self, group: str, read: Sequence[Stream]) -> list[tuple[Stream, int]]:
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(each.topic, each.partition) for each in read])
        future = self._admin.list_consumer_group_offsets([asked], request_timeout=TIMEOUT_SECONDS)[group]
        told = _call(future.result, "list a group's offsets").topic_partitions
        offsets = {(each.topic, each.partition): each.offset for each in told}
        return [(each, offsets[_place(each)]) for each in read if offsets.get(_place(each), -1) >= 0]

    def _offsets(self, asked: Mapping[Place, OffsetSpec]) -> dict[Place, Found]:
        if not asked:
            return {}
        partitions = {TopicPartition(topic, partition): spec for (topic, partition), spec in asked.items()}
        futures: Mapping[Any, Future[Any]] = self._admin.list_offsets(partitions, request_timeout=TIMEOUT_SECONDS)
        told = {key: _call(future.result, "list offsets") for key, future in futures.items()}
        return {(key.topic, key.partition): (each.offset, each.timestamp) for key, each in told.items()}


def _place(stream: Stream) -> Place:
    return stream.topic, stream.partition


def _call(call: Callable[[], Any], what: str) -> Any:
    try:
        return call()
    except KafkaException as error:
        raise BrokerError(f"{what}: {error.args[0].name()}") from None
