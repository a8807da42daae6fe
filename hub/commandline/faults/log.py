"""A log in memory: topics of partitions, producers that send in order, what a consumer finds at an offset.

It stands for Kafka with idempotent producers: what one producer sends to a partition lies there in the order sent, each
record once, or the send fails and it may lie there or not.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError, ProducerClosed

from hub.commandline.faults.steps import BlockedError, Moving, Steps
from topics.partitions import municipalities

Headers = Sequence[tuple[str, bytes]]
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Logged:
    """One record as it lies in a partition."""

    value: bytes
    key: bytes | None
    headers: Headers = ()


class Log(Moving):
    """All partitions; `appended` is told of every record before anybody can read it."""

    def __init__(self) -> None:
        super().__init__()
        self.partitions: dict[Place, list[Logged]] = {}
        self.appended: Callable[[Place, int, Logged], None] = lambda _place, _offset, _record: None

    def append(self, place: Place, record: Logged) -> int:
        """Its offset."""
        records = self.partitions.setdefault(place, [])
        self.appended(place, len(records), record)
        records.append(record)
        self.move()
        return len(records) - 1

    def end(self, place: Place) -> int:
        """The offset of the next record."""
        return len(self.partitions.get(place, ()))

    def read(self, place: Place, offset: int, limit: int) -> list[ConsumerRecord]:
        """At most so many records from `offset` on."""
        records = self.partitions.get(place, [])[offset : offset + limit]
        return [_found(place, offset + index, record) for index, record in enumerate(records)]


def partitions_of(topics: Sequence[str]) -> list[Place]:
    """All partitions of these topics."""
    return [(topic, partition) for topic in sorted(topics) for partition in range(len(municipalities()))]


def _found(place: Place, offset: int, record: Logged) -> ConsumerRecord:
    sizes = (len(record.key or b""), len(record.value))
    return ConsumerRecord(*place, offset, 0, 0, record.key, record.value, None, *sizes, record.headers)


@dataclass(frozen=True, slots=True)
class Sent:
    """A record on its way, and whom to tell."""

    place: Place
    record: Logged
    confirmed: "asyncio.Future[int]"


class MemoryProducer:
    """Sends to the log; once a send has failed, what waits behind it fails as well."""

    def __init__(self, log: Log, steps: Steps) -> None:
        self._log = log
        self._steps = steps
        self._queue: deque[Sent] = deque()
        self._due = asyncio.Event()
        self._drained = Moving()
        self._sending: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reach the brokers."""
        await self._steps.take("broker", "connect", lambda: None)
        self._sending = asyncio.create_task(self._send())

    async def stop(self) -> None:
        """Send what was taken, as far as it goes, and leave; as aiokafka does, without a word of failure."""
        with suppress(KafkaError):
            await self._steps.take("broker", "flush", self._is_drained)
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    async def send(
        self, topic: str, value: bytes, *, key: bytes | None = None, partition: int = 0, headers: Headers = ()
    ) -> "asyncio.Future[int]":
        """A promise that the record lies in the partition."""
        if self._sending is None:
            raise ProducerClosed
        confirmed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._queue.append(Sent((topic, partition), Logged(value, key, tuple(headers)), confirmed))
        self._due.set()
        return confirmed

    async def _send(self) -> None:
        while True:
            await self._due.wait()
            batch = list(self._queue)[: self._steps.some(len(self._queue))]
            try:
                offsets = await self._steps.take("broker", f"append {batch[0].place[0]}", partial(self._append, batch))
            except KafkaError as error:
                self._fail(error)
            else:
                self._confirm(offsets)
            if not self._queue:
                self._due.clear()
                self._drained.move()

    def _is_drained(self) -> None:
        if self._queue and self._sending is not None:
            raise BlockedError(self._drained)

    def _append(self, batch: Sequence[Sent]) -> list[int]:
        return [self._log.append(sent.place, sent.record) for sent in batch]

    def _confirm(self, offsets: Sequence[int]) -> None:
        for offset in offsets:
            confirmed = self._queue.popleft().confirmed
            if not confirmed.done():
                confirmed.set_result(offset)

    def _fail(self, error: Exception) -> None:
        while self._queue:
            confirmed = self._queue.popleft().confirmed
            if not confirmed.done():
                confirmed.set_exception(error)
                confirmed.exception()  # whoever sent several hears of the first alone
