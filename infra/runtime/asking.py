"""Asking over the brokers: questions go out sealed, and whoever asked waits for the answers to just these."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from infra.runtime.kafka import consumer, producer
from infra.runtime.key_ring import KeyRing
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.envelope.opening import EnvelopeError, Opener
from topics.envelope.run import Terms
from topics.partitions import partition_of

POLL_MILLISECONDS = 200


class Identified(Protocol):
    """An answer names the question."""

    @property
    def inquiry_id(self) -> str:
        """The question's id."""
        ...


Told = TypeVar("Told", bound=Identified)


@dataclass(frozen=True, slots=True)
class Way(Generic[Told]):
    """One asker's way there and back: the terms of either, its group, and how an answer is read."""

    there: Terms
    back: Terms
    group: str
    read: Callable[[bytes], Told]


async def asked(
    settings: Settings, ring: KeyRing, way: Way[Told], values: Sequence[bytes], ids: set[str], seconds: float
) -> dict[str, Told]:
    """The answers to the questions `ids`, whose envelopes are `values`, by inquiry id.

    Raises `Refusal` when not all have come in time: ask again with new ids.
    """
    inbox = Inbox(settings, ring, way)
    await inbox.start()
    try:
        await inbox.joined(seconds)
        await send(settings, way.there, values)
        return await inbox.answers(ids, seconds)
    finally:
        await inbox.stop()


async def send(settings: Settings, there: Terms, values: Sequence[bytes]) -> None:
    """Write envelopes to the place, as its sender."""
    link = producer(settings, there.sender)
    try:
        await link.start()
        key, partition = there.municipality.encode("ascii"), partition_of(there.municipality)
        sent = [await link.send(there.topic, value, key=key, partition=partition) for value in values]
        await asyncio.gather(*sent)
    finally:
        await link.stop()


class Inbox(ConsumerRebalanceListener, Generic[Told]):  # type: ignore[misc]
    """The asker's answers from now on."""

    def __init__(self, settings: Settings, ring: KeyRing, way: Way[Told]) -> None:
        self._topic = way.back.topic
        self._place = TopicPartition(self._topic, partition_of(way.back.municipality))
        self._opener = Opener(way.back, ring.register, ring.private)
        self._told = way.read
        self._consumer: AIOKafkaConsumer = consumer(settings, way.back.recipient, way.group)
        self._ready = asyncio.Event()

    async def start(self) -> None:
        """Join the asker's group."""
        await self._consumer.start()
        self._consumer.subscribe([self._topic], listener=self)

    async def stop(self) -> None:
        """Leave it."""
        await self._consumer.stop()

    async def joined(self, seconds: float) -> None:
        """Return once its answers would be heard."""
        try:
            await asyncio.wait_for(self._ready.wait(), seconds)
        except TimeoutError:
            raise Refusal("INQUIRY-NOT-JOINED", f"{self._topic} was not given to read; does it exist?") from None

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing is kept."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Hear what comes from now on."""
        ends = await self._consumer.end_offsets(list(assigned))
        for place, end in ends.items():
            self._consumer.seek(place, end)
            if place == self._place:
                self._ready.set()

    async def answers(self, ids: set[str], seconds: float) -> dict[str, Told]:
        """The answers to these; raises `Refusal` when not all have come in time."""
        found: dict[str, Told] = {}
        deadline = time.monotonic() + seconds
        while len(found) < len(ids):
            if time.monotonic() > deadline:
                missing = len(ids) - len(found)
                raise Refusal("INQUIRY-NO-ANSWER", f"{missing} inquiries were not answered in time; ask again")
            batches = await self._consumer.getmany(self._place, timeout_ms=POLL_MILLISECONDS)
            read = [self._read(record.value, record.key) for records in batches.values() for record in records]
            found |= {answer.inquiry_id: answer for answer in read if answer.inquiry_id in ids}
        return found

    def _read(self, value: bytes | None, key: bytes | None) -> Told:
        try:
            return self._told(self._opener.open(value or b"", key).payload)
        except EnvelopeError as refused:
            raise Refusal(refused.code, f"a record on {self._topic} is no answer to a question") from None
