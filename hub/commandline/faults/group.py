"""Consumer groups in memory: who has which partitions, and a consumer as the product uses aiokafka's.

Membership is eager, as aiokafka's: whenever somebody comes or goes all let go, join anew, and get partitions by range.
A member that is thrown out does not know until it looks, and goes on with what it had in hand.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import suppress

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    RebalanceInProgressError,
)

from hub.commandline.faults.log import Log, partitions_of
from hub.commandline.faults.steps import CURRENT, BlockedError, Moving, Process, Steps

LOST_SECONDS, SESSION_SECONDS = 1.0, 10.0


class Deadline(Moving):
    """A moment that is still to come, or over."""

    is_over = False

    def pass_by(self) -> None:
        """It is over."""
        self.is_over = True
        self.move()


class Group(Moving):
    """One consumer group: its members in the order in which they came, and who of them has joined this time."""

    def __init__(self) -> None:
        super().__init__()
        self.generation = 0
        self.members: list[MemoryConsumer] = []
        self.joined: set[MemoryConsumer] = set()
        self.offsets: dict[TopicPartition, int] = {}

    def enter(self, member: "MemoryConsumer") -> None:
        """A member comes; everybody must join anew."""
        if member not in self.members:
            self.members.append(member)
            self._turn_over()

    def leave(self, member: "MemoryConsumer") -> None:
        """A member goes or is thrown out."""
        if member in self.members:
            self.members.remove(member)
            self._turn_over()

    def join(self, member: "MemoryConsumer") -> int:
        """The generation that the member joins."""
        self.enter(member)
        self.joined.add(member)
        self.move()
        return self.generation

    def assigned(self, member: "MemoryConsumer", topics: Sequence[str]) -> set[TopicPartition]:
        """The member's partitions; raises `BlockedError` until everybody has joined, and another error when somebody
        has come or gone since this member joined."""
        if member not in self.joined:
            raise RebalanceInProgressError
        if not self.joined.issuperset(self.members):
            raise BlockedError(self)
        places = [TopicPartition(*place) for place in partitions_of(topics)]
        partitions = sorted({place.partition for place in places})
        each = -(-len(partitions) // len(self.members))
        first = self.members.index(member) * each
        return {place for place in places if first <= place.partition < first + each}

    def has(self, member: "MemoryConsumer", generation: int) -> bool:
        """Whether the member is one still, and nothing has changed since that generation."""
        return member in self.members and generation == self.generation

    def _turn_over(self) -> None:
        self.generation += 1
        self.joined.clear()
        self.move()


class MemoryConsumer:
    """One membership; positions are set by seeking only."""

    def __init__(self, log: Log, steps: Steps, group: Group) -> None:
        self._log = log
        self._steps = steps
        self._group = group
        self._topics: list[str] = []
        self._positions: dict[TopicPartition, int | None] = {}
        self._paused: set[TopicPartition] = set()
        self._generation = 0
        self._membership: asyncio.Task[None] | None = None
        self._late = Deadline()
        self.process: Process | None = CURRENT.get(None)

    async def start(self) -> None:
        """Reach the brokers."""
        await self._steps.take("broker", "connect", lambda: None)

    async def stop(self) -> None:
        """Leave the group; as aiokafka does, without trying twice: then the group waits until the session is over."""
        if self._membership is not None:
            self._membership.cancel()
            self._membership = None
            try:
                await self._steps.take("broker", "leave group", lambda: self._group.leave(self))
            except KafkaError:
                asyncio.get_running_loop().call_later(SESSION_SECONDS, self._group.leave, self)

    def subscribe(self, topics: Iterable[str], listener: ConsumerRebalanceListener) -> None:
        """Be a member from now on."""
        self._topics = sorted(topics)
        self._membership = asyncio.create_task(self._belong(listener))

    def assignment(self) -> set[TopicPartition]:
        """The partitions that the member has, as far as it knows."""
        return set(self._positions)

    def seek(self, place: TopicPartition, offset: int) -> None:
        """Go on from there."""
        self._refuse_foreign(place)
        self._positions[place] = offset

    async def seek_to_beginning(self, *places: TopicPartition) -> None:
        """Go on from the first record of each."""
        await self._steps.take("broker", "offsets", lambda: None)
        for place in places:
            self.seek(place, 0)

    async def beginning_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The first offsets."""
        return await self._steps.take("broker", "offsets", lambda: dict.fromkeys(places, 0))

    def pause(self, place: TopicPartition) -> None:
        """Fetch nothing of this partition."""
        self._refuse_foreign(place)
        self._paused.add(place)

    def resume(self, place: TopicPartition) -> None:
        """Fetch again."""
        self._paused.discard(place)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell the group how far it is."""
        await self._steps.take("broker", "commit offset", lambda: self._commit(offsets))

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        """What there is, or nothing when the time is over."""
        self._late = Deadline()
        alarm = asyncio.get_running_loop().call_later(timeout_ms / 1000, self._late.pass_by)
        try:
            return await self._steps.take("broker", "fetch", lambda: self._fetch(max_records))
        finally:
            alarm.cancel()

    async def _belong(self, listener: ConsumerRebalanceListener) -> None:
        while True:
            try:
                await self._join(listener)
                await self._steps.take("broker", "heartbeat", self._turned_over)
            except KafkaError:
                await asyncio.sleep(LOST_SECONDS)
            await _told(listener.on_partitions_revoked(self.assignment()))

    async def _join(self, listener: ConsumerRebalanceListener) -> None:
        mine = None
        while mine is None:
            self._generation = await self._steps.take("broker", "join group", lambda: self._group.join(self))
            with suppress(RebalanceInProgressError):
                mine = await self._steps.take("broker", "sync group", lambda: self._group.assigned(self, self._topics))
        self._positions, self._paused = {place: self._group.offsets.get(place) for place in sorted(mine)}, set()
        await _told(listener.on_partitions_assigned(mine))

    def _turned_over(self) -> None:
        if self._group.has(self, self._generation):
            raise BlockedError(self._group)

    def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if not self._group.has(self, self._generation):
            raise CommitFailedError
        self._group.offsets.update(offsets)

    def _fetch(self, limit: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        found: dict[TopicPartition, list[ConsumerRecord]] = {}
        for place, offset in self._positions.items():
            if place in self._paused or limit == 0:
                continue
            if offset is None:
                raise NoOffsetForPartitionError
            records = self._log.read((place.topic, place.partition), offset, limit)
            if records:
                found[place] = records[: self._steps.some(len(records))]
                self._positions[place] = offset + len(found[place])
                limit -= len(found[place])
        if not found and not self._late.is_over:
            raise BlockedError(self._log, self._late)
        return found

    def _refuse_foreign(self, place: TopicPartition) -> None:
        if place not in self._positions:
            raise IllegalStateError


async def _told(listener: Awaitable[None]) -> None:
    """As aiokafka does, a listener's failure is passed over: the partitions are its own, and have no position."""
    with suppress(Exception):
        await listener
