"""Sends what is kept for the register, in number order; a row goes once the broker has confirmed it.

A worker that was fenced may send again what another has sent: the same bytes under the same number, dropped there.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from hub.lane import Lane
from infra.runtime.backoff import Backoff
from infra.runtime.log import Logger
from infra.runtime.postgres import DATABASE_ERRORS
from infra.runtime.queries import load_queries
from topics.catalogue import HUB, register_topic
from topics.partitions import partition_of

_SQL = load_queries("hub.returns", "queries.sql")


async def send_to_register(lane: Lane, log: Logger) -> None:
    """Run until cancelled; after a failure from the lowest unsent."""
    backoff = Backoff(lane.edges.random.random)
    while True:
        sender: AIOKafkaProducer = lane.edges.producer(lane.settings, HUB)
        try:
            await sender.start()
            while True:
                rung = lane.wake.rung
                rows = await lane.pool.fetch(_SQL["unsent"], lane.settings.dispatch_batch_records)
                backoff.reset()
                if rows:
                    await _send(lane, sender, rows)
                else:
                    await lane.wake.after(rung, lane.settings.dispatch_poll_milliseconds / 1000)
        except (KafkaError, *DATABASE_ERRORS, OSError) as error:
            log.warning("sending to the register pauses", code="HUB-RETURNS", error=error)
            await asyncio.sleep(backoff.seconds())
        finally:
            await sender.stop()


async def _send(lane: Lane, sender: AIOKafkaProducer, rows: Sequence[Any]) -> None:
    topic, partition = register_topic(lane.settings.environment), partition_of(lane.municipality)
    key = lane.municipality.encode("ascii")
    sent = [await sender.send(topic, row["envelope"], key=key, partition=partition) for row in rows]
    await asyncio.gather(*sent)
    await lane.pool.execute(_SQL["confirmed"], rows[-1]["number"])
