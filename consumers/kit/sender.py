"""The sender: outbox rows to ``in.<party>.v1``, in number order, kept until the broker has confirmed them."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from aiokafka import AIOKafkaProducer

from consumers.kit.faults import TRANSIENT, Backoff
from consumers.kit.lane import Lane
from infra.runtime.kafka import producer
from infra.runtime.queries import load_queries
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from topics.catalogue import in_topic

_SQL = load_queries("consumers.kit", "queries.sql")
POLL_SECONDS = 0.2
BATCH_MESSAGES = 1000


async def send_outbox(
    settings: Settings, party: str, owned: Callable[[], Sequence[Lane]], wake: asyncio.Event, stop: Stop
) -> None:
    """Send what `owned` lanes have for the hub until `stop`; after a fault a new producer starts at the lowest unsent.

    A message may be sent twice when the process dies between confirmation and deletion; the hub drops it by number.
    """
    log = structlog.get_logger().bind(party=party)
    topic, backoff = in_topic(settings.environment, party), Backoff(stop)
    while not stop.is_set():
        link = producer(settings, party)
        try:
            await link.start()
            while not stop.is_set():
                sent = [await _send(link, topic, lane) for lane in owned()]
                backoff.reset()
                if not any(sent):
                    await _woken(wake)
        except TRANSIENT as error:
            log.warning("waiting out a fault", code="KIT-FAULT", error=error)
            await backoff.wait()
        finally:
            await link.stop()


async def _send(link: AIOKafkaProducer, topic: str, lane: Lane) -> int:
    rows = await lane.pool.fetch(_SQL["unsent"], lane.municipality, BATCH_MESSAGES)
    if rows:
        key = lane.municipality.encode("ascii")
        sent = [await link.send(topic, row["message"], key=key, partition=lane.partition) for row in rows]
        await asyncio.gather(*sent)
        await lane.pool.execute(_SQL["confirmed"], lane.municipality, rows[-1]["number"])
    return len(rows)


async def _woken(wake: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(wake.wait(), POLL_SECONDS)
    except TimeoutError:
        return
    wake.clear()
