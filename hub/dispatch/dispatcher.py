"""Dispatch: copies one recipient's deliveries to its topic, in number order; after a failure from the lowest unsent."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from hub.lane import Lane
from hub.store import SQL, FencedError
from infra.runtime.backoff import Backoff
from infra.runtime.log import Logger
from infra.runtime.postgres import DATABASE_ERRORS, Connection
from topics.catalogue import HUB, out_topic
from topics.grant import Grant
from topics.partitions import partition_of


class RevokedError(Exception):
    """The grant was revoked: nothing more is sent under it."""


async def dispatch(lane: Lane, grant: Grant, log: Logger) -> None:
    """Run until cancelled, revoked or fenced; a failure of this recipient delays no other."""
    backoff = Backoff(lane.edges.random.random)
    while True:
        sender: AIOKafkaProducer = lane.edges.producer(lane.settings, HUB)
        try:
            await sender.start()
            while True:
                rung = lane.wake.rung
                busy = await _send_due(lane, grant, sender)
                backoff.reset()
                if not busy:
                    await lane.wake.after(rung, lane.settings.dispatch_poll_milliseconds / 1000)
        except (RevokedError, FencedError) as ended:
            code = "HUB-REVOKED" if isinstance(ended, RevokedError) else "HUB-FENCED"
            log.warning("nothing more is sent", code=code, recipient=grant.recipient)
            return
        except (KafkaError, *DATABASE_ERRORS, OSError) as error:
            log.warning("dispatch pauses", code="HUB-DISPATCH", recipient=grant.recipient, error=error)
            await asyncio.sleep(backoff.seconds())
        finally:
            await sender.stop()


async def _send_due(lane: Lane, grant: Grant, sender: AIOKafkaProducer) -> bool:
    """Send what there is to send; returns whether there was anything."""
    rows = await lane.pool.fetch(SQL["due"], grant.recipient, grant.generation)
    unsent, asked = any(row["unsent"] for row in rows), any(row["asked"] for row in rows)
    if unsent:
        await _send_unsent(lane, grant, sender)
    if asked:
        await _send_again(lane, grant, sender)
    return unsent or asked


async def _send_unsent(lane: Lane, grant: Grant, sender: AIOKafkaProducer) -> None:
    """Send the next deliveries and remember it.

    1. how far may be sent is committed: from here on these are never void, whatever becomes of this worker;
    2. they are sent; 3. what was sent is remembered. A worker that was fenced sends and remembers nothing more; what it
    had under way are doubles to the byte, which are dropped.
    """
    limit = lane.settings.dispatch_batch_records
    async with _while_granted(lane, grant) as connection:
        rows = await connection.fetch(SQL["unsent"], grant.recipient, grant.generation, limit)
        if rows:
            reached = (grant.recipient, grant.generation, rows[-1]["number"], lane.epoch)
            if await lane.marks_pool.fetchval(SQL["mark_sending"], *reached) is None:
                raise FencedError
            await _send(lane, grant, sender, rows)
            await connection.execute(SQL["mark_sent"], *reached)


async def _send_again(lane: Lane, grant: Grant, sender: AIOKafkaProducer) -> None:
    """Retransmission: the same bytes under the same number, because the recipient asked."""
    limit = lane.settings.dispatch_batch_records
    async with _while_granted(lane, grant) as connection:
        rows = await connection.fetch(SQL["asked_again"], grant.recipient, grant.generation, limit)
        if rows:
            await _send(lane, grant, sender, rows)
            await connection.execute(SQL["forget_asked"], [row["id"] for row in rows])


@asynccontextmanager
async def _while_granted(lane: Lane, grant: Grant) -> AsyncIterator[Connection]:
    """A transaction that a revocation waits for; raises `RevokedError` when it came first."""
    async with lane.pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["share_grant"], grant.recipient, grant.generation)
        if await connection.fetchval(SQL["grant_epoch"], grant.recipient, grant.generation) is None:
            raise RevokedError
        yield connection


async def _send(lane: Lane, grant: Grant, sender: AIOKafkaProducer, rows: Sequence[Any]) -> None:
    topic = out_topic(lane.settings.environment, grant)
    partition = partition_of(lane.municipality)
    confirmations = [
        await sender.send(
            topic,
            row["value"],
            key=row["key"],
            partition=partition,
            headers=[(name, value.encode("ascii")) for name, value in json.loads(row["headers"])],
        )
        for row in rows
    ]
    await asyncio.gather(*confirmations)
