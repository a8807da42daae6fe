"""The hub's worker: owns the municipalities whose partitions it is given, routes, dispatches, and takes in answers."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError

from hub.dispatch.dispatcher import dispatch
from hub.inbox import messages
from hub.lane import Lane, open_lane
from hub.returns.redelivery import redeliver_asked
from hub.returns.sending import send_to_register
from hub.router import intake
from hub.router.projection import NumberMissingError
from hub.router.snapshot import snapshot
from hub.store import FencedError
from hub.watch.retention import watch_retention
from hub.windows.sending import send_due
from infra.runtime.backoff import Backoff
from infra.runtime.edges import REAL, Edges
from infra.runtime.kafka import stand_still
from infra.runtime.log import Logger
from infra.runtime.postgres import DATABASE_ERRORS
from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from infra.runtime.tracing import OFF, traceparent_in
from topics.catalogue import HUB, change_topic, group, in_topic
from topics.declared import grants_in_force
from topics.grant import Grant, GrantFileError
from topics.partitions import municipality_of

FETCH_MILLISECONDS = 200
RETRY_SECONDS = 1.0
MOST_RECORDS = 100_000
WINDOW_LOOK_SECONDS = 0.5
TRANSIENT = (*DATABASE_ERRORS, OSError, KafkaError, Refusal, GrantFileError)

HOLD_CODES: dict[type[Exception], str] = {
    intake.PositionGapError: "HUB-POSITION-GAP",
    NumberMissingError: "HUB-NUMBER-MISSING",
}


async def run_hub(settings: Settings, stop: Stop, edges: Edges = REAL) -> None:
    """Run until `stop`; faults of broker or database are waited out."""
    log: Logger = structlog.get_logger()
    while not stop.is_set():
        worker: Worker | None = None
        try:
            worker = Worker(settings, log, edges)
            await worker.run(stop)
        except GrantsChangedError:
            log.info("the grants have changed", code="HUB-GRANTS")
        except (FencedError, *TRANSIENT) as error:
            # A worker that was fenced is out of step with its group: it leaves and joins anew.
            log.warning("the hub starts anew", code="HUB-RESTART", error=error)
            await pause(stop, RETRY_SECONDS)
        finally:
            if worker is not None:
                await worker.close()


class GrantsChangedError(Exception):
    """A grant came into force or went out of it: the worker begins anew under the present ones."""


def _granted(settings: Settings) -> dict[str, Grant]:
    """The grants in force, by the topic on which their recipient writes."""
    grants = grants_in_force(datetime.now(UTC).date(), settings.grants_directory)
    return {in_topic(settings.environment, grant.recipient): grant for grant in grants}


class Worker(ConsumerRebalanceListener):  # type: ignore[misc]
    """One membership of the hub's group, with a lane for each municipality that it owns."""

    def __init__(self, settings: Settings, log: Logger, edges: Edges) -> None:
        self._settings = settings
        self._log = log
        self._edges = edges
        self._served = frozenset(settings.municipalities)
        self._lanes: dict[str, Lane] = {}
        self._retry_at: dict[TopicPartition, float] = {}
        self._backoffs: dict[TopicPartition, Backoff] = {}
        self._wanted: dict[TopicPartition, int] = {}
        self._taking_over = asyncio.Lock()
        self._grants = _granted(settings)
        self._change_topic = change_topic(settings.environment)
        self._consumer: AIOKafkaConsumer = edges.consumer(settings, HUB, group(settings.environment, HUB))

    async def run(self, stop: Stop) -> None:
        """Fetch and settle until `stop`."""
        await self._consumer.start()
        self._consumer.subscribe([self._change_topic, *self._grants], listener=self)
        while not stop.is_set():
            self._resume_due()
            await self._turn()
            self._raise_fallen()
            if _granted(self._settings) != self._grants:
                raise GrantsChangedError

    async def _turn(self) -> None:
        limit = max(self._settings.hub_batch_records, *self._wanted.values(), 0)
        try:
            fetched = await self._consumer.getmany(timeout_ms=FETCH_MILLISECONDS, max_records=limit)
        except NoOffsetForPartitionError:
            # Fetching had begun before the lanes were taken up.
            await self.on_partitions_assigned(self._consumer.assignment())
            return
        await asyncio.gather(*(self._settle(place, records) for place, records in fetched.items()))

    async def close(self) -> None:
        """Leave the group and let go of every lane."""
        await self._consumer.stop()
        await self._close_lanes(list(self._lanes))

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let go of the lanes; whoever gets them next takes a new epoch."""
        async with self._taking_over:
            await self._close_lanes({municipality_of(place.partition) for place in revoked})

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Take the served municipalities over and go to where their databases say."""
        places = list(assigned)
        async with self._taking_over:
            for municipality in sorted({municipality_of(place.partition) for place in places} & self._served):
                if municipality not in self._lanes:
                    self._lanes[municipality] = await self._open(municipality)
            await self._seek(places)

    async def _open(self, municipality: str) -> Lane:
        lane = await open_lane(self._settings, municipality, self._edges)
        lane.tasks = [asyncio.create_task(self._serve(lane, grant)) for grant in self._grants.values()]
        lane.tasks.append(asyncio.create_task(self._send_windows(lane)))
        lane.tasks.append(asyncio.create_task(watch_retention(lane, self._log)))
        lane.tasks.append(asyncio.create_task(send_to_register(lane, self._log)))
        self._log.info("a municipality was taken over", municipality=municipality, epoch=lane.epoch)
        return lane

    async def _serve(self, lane: Lane, grant: Grant) -> None:
        """Whoever begins anew is first told everybody's state; then, and while changes come, it is dispatched."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._catch_up(lane, grant))
            tasks.create_task(dispatch(lane, grant, self._log))

    async def _catch_up(self, lane: Lane, grant: Grant) -> None:
        while True:
            try:
                return await snapshot(lane, grant)
            except FencedError:
                return None
            except (NumberMissingError, *TRANSIENT) as error:
                self._log.error("a snapshot waits", code="HUB-SNAPSHOT", recipient=grant.recipient, error=error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _send_windows(self, lane: Lane) -> None:
        """What waits for the end of a window is sent on when that is over, and what is asked for again, again."""
        while True:
            try:
                await send_due(lane)
                await redeliver_asked(lane)
            except FencedError:
                return
            except (NumberMissingError, *TRANSIENT) as error:
                self._log.error("a window waits", code="HUB-WINDOW", municipality=lane.municipality, error=error)
            await asyncio.sleep(WINDOW_LOOK_SECONDS)

    async def _seek(self, places: Iterable[TopicPartition]) -> None:
        """To where the lanes are; all that nothing was read of at once, for meanwhile there is no heartbeat: one round
        trip for each outlasts the session where the line is slow."""
        unread: list[TopicPartition] = []
        for place in places:
            lane = self._lanes.get(municipality_of(place.partition))
            if lane is None:
                stand_still(self._consumer, [place])
            elif place.topic in lane.offsets:
                self._consumer.seek(place, lane.offsets[place.topic])
            else:
                unread.append(place)
        if unread:
            await self._consumer.seek_to_beginning(*unread)

    async def _settle(self, place: TopicPartition, records: list[ConsumerRecord]) -> None:
        lane = self._lanes.get(municipality_of(place.partition))
        if lane is None:
            raise FencedError
        try:
            reached = await self._take(place, lane, records)
        except (intake.PositionGapError, NumberMissingError, *TRANSIENT) as error:
            self._hold(place, lane, records[0].offset, error)
        else:
            await self._reached(place, lane, records, reached)

    async def _take(self, place: TopicPartition, lane: Lane, records: list[ConsumerRecord]) -> int:
        grant = None if place.topic == self._change_topic else self._grants[place.topic]
        traces = lane.traces if grant is None or grant.traced else OFF
        with traces.batch("process", place.topic, (traceparent_in(record.headers) for record in records)):
            if grant is None:
                return await intake.settle(lane, place.topic, records)
            return await messages.settle(lane, place.topic, grant, records, self._log)

    async def _reached(self, place: TopicPartition, lane: Lane, records: list[ConsumerRecord], offset: int) -> None:
        lane.offsets[place.topic] = offset
        self._backoffs.pop(place, None)
        self._widen(place, records, offset)
        if offset <= records[-1].offset:
            self._consumer.seek(place, offset)
        try:
            await self._consumer.commit({place: offset})
        except KafkaError as error:
            # Progress stands in the database; the group's offset only tells the lag tools.
            self._log.info("the group's offset was not taken", code="HUB-COMMIT", error=error)

    def _widen(self, place: TopicPartition, records: list[ConsumerRecord], offset: int) -> None:
        """Fetch more the next time when nothing could be settled: doubles that a relay sent again may stand between the
        members of a filing, more than one fetch holds, and the filing would wait for ever."""
        if offset == records[0].offset:
            self._wanted[place] = min(2 * max(len(records), self._wanted.get(place, 0)), MOST_RECORDS)
        else:
            self._wanted.pop(place, None)

    def _raise_fallen(self) -> None:
        """A lane's task ends by itself only when it is fenced or revoked; an error nobody foresaw ends the worker, or
        that lane would stand still for ever and say nothing."""
        for task in (task for lane in self._lanes.values() for task in lane.tasks):
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error

    def _hold(self, place: TopicPartition, lane: Lane, offset: int, error: Exception) -> None:
        """Try this partition again in a while, from the same record; other lanes go on."""
        code = HOLD_CODES.get(type(error), "HUB-RETRY")
        self._log.error("a lane waits", code=code, municipality=lane.municipality, topic=place.topic, error=error)
        self._consumer.seek(place, offset)
        self._consumer.pause(place)
        pause = self._backoffs.setdefault(place, Backoff(self._edges.random.random)).seconds()
        self._retry_at[place] = asyncio.get_running_loop().time() + pause

    def _resume_due(self) -> None:
        now = asyncio.get_running_loop().time()
        for place in [place for place, moment in self._retry_at.items() if moment <= now]:
            del self._retry_at[place]
            if place in self._consumer.assignment():
                self._consumer.resume(place)

    async def _close_lanes(self, municipalities: Iterable[str]) -> None:
        for municipality in municipalities:
            lane = self._lanes.pop(municipality, None)
            if lane is not None:
                await lane.close()
