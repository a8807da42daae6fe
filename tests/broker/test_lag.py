"""Lag on the real broker: as Kafka's own tool tells it, exact in time, and asked with no right to read."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from hub.commandline.deployment import apply_topics, broker, grants_now
from hub.watch.offsets import Offsets
from hub.watch.readings import Reading
from hub.watch.streams import Stream, streams
from hub.watch.verdict import Reason, State, Verdict, judge
from infra.embedded.broker import java_command
from infra.embedded.jars import ensure_jars
from infra.runtime.kafka import consumer, producer
from infra.runtime.settings import Settings
from topics.catalogue import HUB, OPERATIONS, REGISTER, Acl, change_topic, group
from topics.partitions import partition_of

TOOL = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
LIMIT_SECONDS = 600.0


@pytest.fixture
def prepared(settings: Settings) -> Settings:
    """An environment with topics and rights."""
    apply_topics(settings)
    return settings


def _changes(settings: Settings) -> Stream:
    return next(each for each in streams(settings, grants_now(settings)) if each.topic.endswith("change.v1"))


def _read(settings: Settings, offsets: Offsets | None = None) -> Reading:
    stream = _changes(settings)
    return (offsets or Offsets(settings)).read([stream])[stream]


async def _write(settings: Settings, batches: Sequence[int]) -> list[int]:
    """Batches of so many records each; returns the time of every record, as the broker gave it."""
    sender = producer(settings, REGISTER)
    await sender.start()
    place = (change_topic(settings.environment), partition_of(settings.municipalities[0]))
    told = []
    try:
        for size in batches:
            sent = [await sender.send(place[0], b"synthetic", partition=place[1]) for _ in range(size)]
            told += [(await each).timestamp for each in sent]
    finally:
        await sender.stop()
    return told


async def _commit(settings: Settings, offset: int) -> None:
    """Have read up to `offset` as the hub, and left the group."""
    place = TopicPartition(change_topic(settings.environment), partition_of(settings.municipalities[0]))
    reader = consumer(settings, HUB, group(settings.environment, HUB))
    reader.assign([place])
    await reader.start()
    try:
        await reader.commit({place: offset})
    finally:
        await reader.stop()


async def test_lag_is_what_kafkas_own_tool_says(prepared: Settings, tmp_path: Path) -> None:
    await _write(prepared, [30, 20])
    await _commit(prepared, 12)
    reading = _read(prepared)
    told = _told_by_kafka(prepared, tmp_path)
    assert told == (str(reading.committed), str(reading.latest), str(reading.lag)) == ("12", "50", "38")


async def test_the_oldest_unread_records_time_is_the_brokers_own(prepared: Settings) -> None:
    times = await _write(prepared, [1, 5, 1, 3, 1])
    offsets = Offsets(prepared)
    for offset in range(len(times)):
        await _commit(prepared, offset)
        assert _read(prepared, offsets).oldest == times[offset] / 1000
    await _commit(prepared, len(times))
    assert (_read(prepared, offsets).lag, _read(prepared, offsets).age_seconds) == (0, 0.0)


async def test_who_watches_may_not_read(prepared: Settings) -> None:
    await _write(prepared, [1])
    reader = consumer(prepared, OPERATIONS, group(prepared.environment, HUB))
    place = TopicPartition(change_topic(prepared.environment), partition_of(prepared.municipalities[0]))
    reader.assign([place])
    await reader.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            reader.seek(place, 0)
            await reader.getone()
    finally:
        await reader.stop()
    assert _read(prepared).lag == 1


async def test_a_group_without_a_process_is_stopped(prepared: Settings) -> None:
    await _write(prepared, [2])
    reading = _read(prepared)
    assert (reading.committed, reading.members) == (None, 0)
    assert judge([reading], LIMIT_SECONDS) == Verdict(State.STOPPED, Reason.NO_PROCESS)


@pytest.mark.parametrize(("kind", "reason"), [("TOPIC", Reason.TOPIC_UNSEEN), ("GROUP", Reason.GROUP_UNSEEN)])
def test_a_watch_that_sees_less_than_declared_says_so(prepared: Settings, kind: str, reason: Reason) -> None:
    stream = _changes(prepared)
    name = stream.topic if kind == "TOPIC" else stream.group
    broker(prepared).withdraw([Acl(OPERATIONS, "DESCRIBE", kind, name)])
    reading = Offsets(prepared).read(streams(prepared, grants_now(prepared)))[stream]
    assert judge([reading], LIMIT_SECONDS) == Verdict(State.BLIND, reason)


def _told_by_kafka(settings: Settings, directory: Path) -> tuple[str, str, str]:
    """Current offset, end and lag of the hub's group, by the tool that comes with Kafka, asked as `ops`."""
    certificates = settings.certificates_directory
    file = directory / "client.properties"
    lines = {
        "security.protocol": "SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": certificates / f"{OPERATIONS}.pem",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": certificates / "ca.crt",
    }
    file.write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
    asked = ["--bootstrap-server", settings.kafka_bootstrap, "--command-config", str(file)]
    asked += ["--describe", "--group", group(settings.environment, HUB)]
    command = [*java_command(ensure_jars(settings)), TOOL, *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    row = next(line.split() for line in done.stdout.splitlines() if "resident.change.v1" in line)
    return row[3], row[4], row[5]
