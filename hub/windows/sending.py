"""Sending a window on: its order is drawn once and kept, then batches are routed in it, each with its rows' end.

A worker that is killed leaves either no order or the order, and of each batch either the rows or their deliveries.
"""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import Any

from hub.disclosure import disclose
from hub.lane import Lane
from hub.router.state import RETOLD
from hub.store import lock_head, read_earlier_sequences, read_followed, read_numbers
from hub.windows.order import interleaving, newest
from hub.windows.waiting import WINDOWS_SQL, read_row
from infra.runtime.postgres import Connection
from topics.grant import Grant


async def send_due(lane: Lane) -> bool:
    """Send on everything that is due; returns whether anything was. Raises `FencedError`, `NumberMissingError`."""
    if not await lane.pool.fetchval(WINDOWS_SQL["any_due"]):
        return False
    await _draw_orders(lane)
    ranked = {(row["recipient"], row["generation"]) for row in await lane.pool.fetch(WINDOWS_SQL["ranked"])}
    due = [grant for grant in lane.grants() if (grant.recipient, grant.generation) in ranked]
    for grant in due:
        while await _send_next(lane, grant):
            lane.wake.ring()
    return bool(due)


async def _draw_orders(lane: Lane) -> None:
    """All recipients' at once, so that no window ends for one of them with a change that it has not for another."""
    async with lane.pool.acquire() as connection, connection.transaction():
        await lock_head(connection, lane.epoch)
        due = await connection.fetch(WINDOWS_SQL["due"])
        for _, rows in groupby(due, key=itemgetter("recipient", "generation")):
            await _draw_order(connection, list(rows), lane.edges.random)


async def _draw_order(connection: Connection, rows: Sequence[Any], random: Random) -> None:
    kept = [rows[index] for index in newest([row["addressee_number"] for row in rows])]
    order = interleaving([row["addressee_number"] for row in kept], random)
    drawn = [kept[index]["id"] for index in order]
    await connection.execute(WINDOWS_SQL["rank"], drawn, list(range(1, len(drawn) + 1)))
    retold = {row["addressee_number"] for row in rows if row["retold"]}
    await connection.execute(WINDOWS_SQL["retold"], [row["id"] for row in kept if row["addressee_number"] in retold])
    await connection.execute(WINDOWS_SQL["forget_rows"], sorted({row["id"] for row in rows} - set(drawn)))


async def _send_next(lane: Lane, grant: Grant) -> bool:
    limit = lane.settings.hub_batch_records
    async with lane.pool.acquire() as connection, connection.transaction():
        await lock_head(connection, lane.epoch)
        rows = await connection.fetch(WINDOWS_SQL["next_ranked"], grant.recipient, grant.generation, limit)
        if rows:
            await _route(connection, lane, grant, rows)
            await connection.execute(WINDOWS_SQL["forget_rows"], [row["id"] for row in rows])
    return bool(rows)


async def _route(connection: Connection, lane: Lane, grant: Grant, rows: Sequence[Any]) -> None:
    changes = [read_row(row) for row in rows]
    routing = await lane.routing(connection, [grant], at_once=True)
    if not routing.last_numbers:
        return
    await read_followed(connection, routing, sorted({image.addressee_number for image, _ in changes}))
    referred = [(image.addressee_number, told.refers_to) for image, told in changes if told.refers_to is not None]
    await read_earlier_sequences(connection, routing, referred)
    if grant.numbers.my_number or grant.numbers.resident_code:
        records = [image.record for image, _ in changes if image.record is not None]
        routing.numbers = await read_numbers(lane.numbers_pool, lane.number_cipher, records)
    for image, occasion in changes:
        if occasion.kind == RETOLD:
            routing.retell(grant, image)
        else:
            routing.route(grant, image, occasion)
    await disclose(connection, lane, routing)
