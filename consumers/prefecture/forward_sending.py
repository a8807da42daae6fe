"""The way to the national role: rows to ``forward.prefecture.v1``, in number order, kept until the brokers have them.

Several processes may send: each begins with the lowest number that waits, so that the first of each number lies there
in order, and whoever reads drops the others.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog
from aiokafka import AIOKafkaProducer

from consumers.kit.connection import rows_of
from consumers.kit.faults import TRANSIENT
from consumers.prefecture.forwarding import SQL, Forwarding
from infra.runtime.backoff import Backoff
from infra.runtime.edges import Edges
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import load_key
from infra.runtime.postgres import Pool
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from topics.catalogue import forward_topic
from topics.declared import grants_in_force
from topics.envelope.places import forward_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.national import NATIONAL, PREFECTURE, has_tiers
from topics.partitions import partition_of

POLL_SECONDS = 0.5
LOOK_SECONDS = 1.0
BATCH_MESSAGES = 1000


async def forward(settings: Settings, ring: KeyRing, pools: Mapping[str, Pool], stop: Stop, edges: Edges) -> None:
    """Pass on from the databases of `pools`, by municipality, until `stop`; after a fault a new producer starts at the
    lowest number that waits."""
    log, backoff = structlog.get_logger().bind(party=PREFECTURE), Backoff(edges.random.random)
    while not stop.is_set():
        if not has_tiers(grants_in_force(datetime.now(UTC).date(), settings.grants_directory)):
            await pause(stop, LOOK_SECONDS)
            continue
        link = edges.producer(settings, PREFECTURE)
        try:
            await link.start()
            await _serve(settings, ring, pools, link, stop, backoff)
        except TRANSIENT as error:
            log.warning("waiting out a fault", code="KIT-FAULT", error=error)
            await backoff.wait(stop)
        finally:
            await link.stop()


async def last_forwarded(settings: Settings) -> dict[str, int]:
    """The number of the last message that was, or is to be, passed on, by municipality."""
    return {row["municipality"]: row["last"] for row in await rows_of(settings, PREFECTURE, SQL["last"])}


async def _serve(
    settings: Settings, ring: KeyRing, pools: Mapping[str, Pool], link: AIOKafkaProducer, stop: Stop, backoff: Backoff
) -> None:
    forwarding, keys = Forwarding(load_key(settings, PREFECTURE)), ring.between(PREFECTURE, NATIONAL)
    sealers = {city: Sealer(forward_terms(settings.environment, city), keys) for city in pools}
    topic = forward_topic(settings.environment)
    while not stop.is_set():
        sent = [await _send(link, topic, pool, forwarding, city, sealers) for city, pool in pools.items()]
        backoff.reset()
        if not any(sent):
            await pause(stop, POLL_SECONDS)


async def _send(
    link: AIOKafkaProducer, topic: str, pool: Pool, forwarding: Forwarding, city: str, sealers: Mapping[str, Sealer]
) -> int:
    rows = await pool.fetch(SQL["unsent"], city, BATCH_MESSAGES)
    if rows:
        words = {row["number"]: forwarding.opened(city, row["number"], row["sealed_message"]) for row in rows}
        values = [sealers[city].seal(_head(city, number), message) for number, message in words.items()]
        key, partition = city.encode("ascii"), partition_of(city)
        sent = [await link.send(topic, value, key=key, partition=partition) for value in values]
        await asyncio.gather(*sent)
        await pool.execute(SQL["confirmed"], city, rows[-1]["number"])
    return len(rows)


def _head(city: str, number: int) -> Head:
    return Head(key=city, event_id=f"{PREFECTURE}-{city}-{number}", number=number, sequence=number)
