"""The relay's process: one leader for each municipality, by advisory lock; sends, then moves the cursor."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from asyncpg import Connection
from pydantic_core import from_json

from infra.runtime.kafka import producer
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import CHANGE_TOPIC_KEY, load_key, pseudonym
from infra.runtime.log import Logger
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from infra.runtime.tracing import traces_of
from producers.register.databases import REGISTER_DATABASE
from producers.relay.access_log import keep_sending
from producers.relay.contiguous import PositionGapError, contiguous
from producers.relay.faults import RETRY_SECONDS, TRANSIENT
from topics.catalogue import HUB, REGISTER, change_topic
from topics.envelope.places import change_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.messages.change import HEAD_SEQUENCE, SCHEMA
from topics.messages.headers import cloud_event
from topics.partitions import partition_of

_SQL = load_queries("producers.relay", "queries.sql")
RELAY_ROLE = "relay"


class NotLeaderError(Exception):
    """Another relay moved the cursor: this one has no business here any more."""


async def run_relay(settings: Settings, stop: Stop) -> None:
    """Run until `stop`, two lanes for each municipality, changes and access log; faults are waited out."""
    async with asyncio.TaskGroup() as lanes:
        for municipality in settings.municipalities:
            lanes.create_task(_keep_relaying(settings, municipality, stop))
            lanes.create_task(keep_sending(settings, municipality, stop))


async def _keep_relaying(settings: Settings, municipality: str, stop: Stop) -> None:
    log: Logger = structlog.get_logger().bind(municipality=municipality)
    while not stop.is_set():
        try:
            await _relay(settings, municipality, stop, log)
        except PositionGapError as gap:
            log.error("the relay waits for a missing position", code="RELAY-POSITION-GAP", position=gap.expected)
        except NotLeaderError:
            log.warning("another relay leads", code="RELAY-NOT-LEADER")
        except TRANSIENT as error:
            log.warning("the relay starts anew", code="RELAY-RESTART", error=error)
        await pause(stop, RETRY_SECONDS)


async def _relay(settings: Settings, municipality: str, stop: Stop, log: Logger) -> None:
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=RELAY_ROLE, principal=REGISTER)
    sender: AIOKafkaProducer = producer(settings, REGISTER)
    try:
        if not await connection.fetchval(_SQL["lead"]):
            return
        await sender.start()
        log.info("the relay leads")
        lane = Lane(settings, municipality, connection, sender)
        cursor = await connection.fetchval(_SQL["cursor"])
        while not stop.is_set():
            reached = await lane.carry(cursor)
            if reached == cursor:
                await pause(stop, settings.relay_poll_milliseconds / 1000)
            cursor = reached
    finally:
        await sender.stop()
        await connection.close()


class Lane:
    """What one municipality's relay needs to carry a batch."""

    def __init__(self, settings: Settings, municipality: str, connection: Connection, sender: AIOKafkaProducer) -> None:
        self._topic = change_topic(settings.environment)
        self._municipality = municipality
        self._partition = partition_of(municipality)
        self._limit = settings.relay_batch_records
        self._key = load_key(settings, CHANGE_TOPIC_KEY)
        keys = KeyRing(settings).between(REGISTER, HUB)
        self._sealer = Sealer(change_terms(settings.environment, municipality), keys)
        self._connection = connection
        self._sender = sender
        self._traces = traces_of(settings, RELAY_ROLE, REGISTER)

    async def carry(self, cursor: int) -> int:
        """Send what follows `cursor`, wait until the brokers have it, then move the cursor; returns the new one."""
        rows = await self._connection.fetch(_SQL["next"], cursor, self._limit)
        rows = rows[: contiguous([row["position"] for row in rows], cursor)]
        if not rows:
            return cursor
        await self._send(rows)
        last: int = rows[-1]["position"]
        async with self._connection.transaction():
            if await self._connection.execute(_SQL["advance"], cursor, last) != "UPDATE 1":
                raise NotLeaderError
            await self._connection.execute(_SQL["forget"], last)
        return last

    async def _send(self, rows: Sequence[Any]) -> None:
        with self._traces.batch("send", self._topic, (row["traceparent"] for row in rows)):
            await asyncio.gather(*[await self._seal_and_send(row) for row in rows])

    async def _seal_and_send(self, row: Any) -> asyncio.Future[Any]:
        told = from_json(row["event"])
        key = pseudonym(self._key, self._topic, self._municipality, row["addressee_number"])
        head = Head(key=key, event_id=told["event_id"], number=row["position"], sequence=HEAD_SEQUENCE)
        confirmation: asyncio.Future[Any] = await self._sender.send(
            self._topic,
            self._sealer.seal(head, row["event"]),
            key=key.encode("ascii"),
            partition=self._partition,
            headers=[*self._headers(told), *self._traces.header(row["traceparent"])],
        )
        return confirmation

    def _headers(self, told: Mapping[str, Any]) -> list[tuple[str, bytes]]:
        return cloud_event(
            event_id=told["event_id"],
            source=f"urn:kairan:register:{self._municipality}",
            event_type="jp.kairan.resident.change.v1",
            time=told["registered_at"],
            dataschema=SCHEMA,
        )
