"""The Faust application: reads entries into the windows and hands on what follows; at least once, the same when again.

A fact is on the broker before its alerts are said, alerts are in the database before the entry is acknowledged, and
Faust commits what is acknowledged. What dies in between is done again, and comes to the same.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

import faust
import structlog

from hub.watch.access.reading import FAILED, STALE, Reader, UnfitError
from hub.watch.access.settling import Due, Settler
from hub.watch.access.store import Store
from hub.watch.access.taking import is_stale, take
from hub.watch.access.windows import DurableTable, Windows
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import ANALYSIS_KEY, load_key
from infra.runtime.log import Logger
from infra.runtime.settings import Settings
from infra.runtime.tls import client_context
from topics.catalogue import ANALYSIS, access_topic, access_windows_topic, group
from topics.partitions import municipalities, municipality_of

BATCH_ENTRIES = 80
SETTLE_SECONDS = 0.1
_BYTES: dict[str, Any] = {"key_type": bytes, "value_type": bytes}
_RAW: dict[str, Any] = {**_BYTES, "key_serializer": "raw", "value_serializer": "raw"}


class Analysis:
    """One process's part of the analysis: `stores` are the review lists of the municipalities served."""

    def __init__(self, settings: Settings, stores: Mapping[str, Store]) -> None:
        self._stores = stores
        self._log: Logger = structlog.get_logger()
        ring = KeyRing(settings)
        self._readers = {municipality: Reader(settings, municipality, ring) for municipality in stores}
        self.app = application(settings)
        self._windows = Windows(self._table(settings), load_key(settings, ANALYSIS_KEY))
        self._settler = Settler(self._windows, stores)
        self._entries = access_topic(settings.environment)
        source = self.app.topic(self._entries, **_RAW)
        self.app.agent(source, concurrency=1, name="analysis")(self._analyse)
        self.app.task(self._keep_settling)

    def _table(self, settings: Settings) -> DurableTable:
        changelog = self.app.topic(access_windows_topic(settings.environment), compacting=True, **_RAW)
        own = {"partitions": len(municipalities()), "changelog_topic": changelog, "on_recover": self._restored}
        options: dict[str, Any] = {**own, **_BYTES}
        return cast(DurableTable, self.app.Table("windows", **options))

    async def _restored(self) -> None:
        held = {municipality_of(place.partition) for place in self.app.consumer.assignment()}
        self._windows.restore(held & self._stores.keys())
        await self._to_the_first()
        self._log.info("the windows are restored", count=len(self._windows.memories))

    async def _to_the_first(self) -> None:
        """To the first entries there are. Next Faust goes to what is committed; where nothing is, it would go on behind
        what it fetched while the windows were restored and threw away."""
        consumer = self.app.consumer
        places = [place for place in consumer.assignment() if place.topic == self._entries]
        if places:
            await consumer.seek_wait(await consumer.earliest_offsets(*places))

    async def _keep_settling(self) -> None:
        while not self.app.should_stop:
            await self._settler.settle()
            await asyncio.sleep(SETTLE_SECONDS)

    async def _analyse(self, stream: Any) -> None:
        """Acknowledged is what is settled, not what was read: the stream's own acknowledgement is off."""
        stream = stream.noack()
        async for event in stream.events():
            municipality = municipality_of(event.message.partition)
            if municipality in self._windows.memories:
                due = Due(municipality, event.message, partial(stream.ack, event))
                if self._settler.add(self._taken(due)) >= BATCH_ENTRIES:
                    await self._settler.settle()

    def _taken(self, due: Due) -> Due:
        """What follows from a record; one bad entry keeps no other from being looked at."""
        memory = self._windows.memories[due.municipality]
        try:
            entry, number = self._readers[due.municipality].read(due.message.value, due.message.key)
        except UnfitError as unfit:
            return self._failing(due, unfit.code)
        if is_stale(memory, entry):
            return self._failing(due, STALE)
        kept = replace(due, entry=entry, number=number)
        try:
            return replace(kept, taken=take(memory, entry))
        except Exception as error:  # whatever a rule may trip over, the entry is kept and told of
            return self._failing(kept, FAILED, error)

    def _failing(self, due: Due, code: str, error: Exception | None = None) -> Due:
        place = {"partition": due.message.partition, "offset": due.message.offset}
        self._log.error("an entry failed", code=code, error=error, **place)
        return replace(due, failure=code)


def application(settings: Settings) -> faust.App:
    """The application without its agent: declares nothing, serves no pages, leads nobody."""
    return faust.App(
        group(settings.environment, ANALYSIS),
        broker=[f"kafka://{address}" for address in settings.kafka_bootstrap.split(",")],
        broker_credentials=faust.SSLCredentials(client_context(settings, ANALYSIS)),
        broker_client_id=f"kairan-{ANALYSIS}",
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 4,
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="earliest",
        processing_guarantee="at_least_once",
        store="memory://",
        datadir=settings.state_directory / "faust",
        Table=DurableTable,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        web_enabled=False,
    )
