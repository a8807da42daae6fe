"""The access log's sender: outbox rows to ``access.log.v1``, kept until the brokers have them.

Look-ups are rows of the outbox since their own transaction; filings are added from the register's history, which is
in commit order, with the cursor in one transaction. An entry may be sent twice; the analysis knows it by its id.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4, uuid5

import structlog
from aiokafka import AIOKafkaProducer
from pydantic_core import from_json

from infra.runtime.kafka import producer
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import ACCESS_KEY, derive, load_key, pseudonym
from infra.runtime.log import Logger
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from producers.register.access import subject_pseudonyms
from producers.register.databases import REGISTER_DATABASE
from producers.relay.faults import RETRY_SECONDS, TRANSIENT
from topics.catalogue import ANALYSIS, REGISTER, access_topic
from topics.envelope.places import access_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.messages.access import ENTRY, EVENT_TYPE, SCHEMA, Entry, Handling, UpTo
from topics.messages.headers import cloud_event
from topics.partitions import partition_of

_SQL = load_queries("producers.relay", "access_log.sql")
ROLE = "relay"
POLL_SECONDS = 0.5


async def keep_sending(settings: Settings, municipality: str, stop: Stop) -> None:
    """Send what one municipality's register has to tell until `stop`; faults are waited out."""
    log: Logger = structlog.get_logger().bind(municipality=municipality)
    while not stop.is_set():
        try:
            await _send_as_leader(settings, municipality, stop)
        except TRANSIENT as error:
            log.warning("the access log's sender starts anew", code="RELAY-ACCESS", error=error)
        await pause(stop, RETRY_SECONDS)


async def _send_as_leader(settings: Settings, municipality: str, stop: Stop) -> None:
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=ROLE, principal=REGISTER)
    link: AIOKafkaProducer = producer(settings, REGISTER)
    try:
        if not await connection.fetchval(_SQL["lead"]):
            return
        await link.start()
        outbox = Outbox(settings, municipality, connection, link)
        while not stop.is_set():
            if not await outbox.pass_on():
                await pause(stop, POLL_SECONDS)
    finally:
        await link.stop()
        await connection.close()


class Outbox:
    """One municipality's outbox of the access log, and the way out of it."""

    def __init__(self, settings: Settings, municipality: str, connection: Any, link: AIOKafkaProducer) -> None:
        self._municipality = municipality
        self._topic = access_topic(settings.environment)
        self._limit = settings.relay_batch_records
        self._up_to_every = timedelta(seconds=settings.access_up_to_seconds)
        self._told = datetime.min.replace(tzinfo=UTC)
        self._pseudonymous = subject_pseudonyms(settings, municipality)
        self._operator_key = derive(load_key(settings, ACCESS_KEY), "access-operator")
        keys = KeyRing(settings).between(REGISTER, ANALYSIS)
        self._sealer = Sealer(access_terms(settings.environment, REGISTER, municipality), keys)
        self._connection = connection
        self._link = link

    async def pass_on(self) -> int:
        """Collect and send once; returns how much there was. When there was nothing, that is said now and then."""
        now = datetime.now(UTC)
        done = await self.collect() + await self.send()
        if not done and now - self._told >= self._up_to_every:
            entry = UpTo(event_id=uuid4(), municipality=self._municipality, at=now)
            await self._connection.execute(_SQL["collect"], [entry.to_wire()])
            self._told = now
            return await self.send()
        return done

    async def collect(self) -> int:
        """Put the filings registered since the last time into the outbox; returns how many changes were read."""
        async with self._connection.transaction():
            cursor = await self._connection.fetchval(_SQL["cursor"])
            rows = await self._connection.fetch(_SQL["handlings"], cursor, self._limit)
            told = [self._handling(row).to_wire() for row in rows if row["operator"] is not None]
            if rows:
                await self._connection.execute(_SQL["collect"], told)
                await self._connection.execute(_SQL["advance"], rows[-1]["position"])
        return len(rows)

    def _handling(self, row: Any) -> Handling:
        return Handling(
            event_id=uuid5(row["filing_id"], str(row["group_index"])),
            municipality=self._municipality,
            at=row["registered_at"],
            operator=row["operator"],
            subjects=tuple(map(self._pseudonymous, row["residents"])),
        )

    async def send(self) -> int:
        """Send the lowest rows, wait until the brokers have them, delete them; returns how many."""
        rows = await self._connection.fetch(_SQL["unsent"], self._limit)
        if rows:
            await asyncio.gather(*[await self._seal_and_send(row["number"], row["entry"]) for row in rows])
            await self._connection.execute(_SQL["confirmed"], [row["number"] for row in rows])
        return len(rows)

    async def _seal_and_send(self, number: int, stored: bytes) -> asyncio.Future[Any]:
        entry = ENTRY.validate_python({**from_json(stored), "municipality": self._municipality}, strict=False)
        operator = "" if isinstance(entry, UpTo) else entry.operator
        key = pseudonym(self._operator_key, self._topic, self._municipality, operator)
        head = Head(key=key, event_id=str(entry.event_id), number=number, sequence=number)
        confirmation: asyncio.Future[Any] = await self._link.send(
            self._topic,
            self._sealer.seal(head, entry.to_wire()),
            key=key.encode("ascii"),
            partition=partition_of(self._municipality),
            headers=_headers(entry, self._municipality),
        )
        return confirmation


def _headers(entry: Entry, municipality: str) -> Sequence[tuple[str, bytes]]:
    return cloud_event(
        event_id=str(entry.event_id),
        source=f"urn:kairan:register:{municipality}",
        event_type=EVENT_TYPE,
        time=entry.at.isoformat(),
        dataschema=SCHEMA,
    )
