"""Snapshots for who begins later: a new recipient, or a later generation, is told the present state of everybody."""

from hub.disclosure import disclose
from hub.lane import Lane
from hub.store import SQL, lock_head, read_followed, read_images_after, read_numbers
from hub.windows.waiting import put_aside
from infra.runtime.postgres import Connection
from topics.grant import Grant

RESIDENTS_AT_ONCE = 500


async def snapshot(lane: Lane, grant: Grant) -> None:
    """Tell everybody's state in batches, between changes and in order with them; a second time it goes on where it
    was. Raises `FencedError` and `NumberMissingError`."""
    while await _next_batch(lane, grant):
        lane.wake.ring()


async def _next_batch(lane: Lane, grant: Grant) -> bool:
    place = (grant.recipient, grant.generation)
    async with lane.pool.acquire() as connection, connection.transaction():
        await lock_head(connection, lane.epoch)
        after = await connection.fetchval(SQL["snapshot_after"], *place)
        if after is None:
            return False
        reached = await _tell(connection, lane, grant, after)
        await connection.execute(SQL["snapshot_reached"], *place, reached)
    return reached is not None


async def _tell(connection: Connection, lane: Lane, grant: Grant, after: str) -> str | None:
    """Route one batch; returns the last resident of it, or None when there was none left."""
    images = await read_images_after(connection, after, RESIDENTS_AT_ONCE)
    routing = await lane.routing(connection, [grant])
    if not images or not routing.last_numbers:
        return None
    await read_followed(connection, routing, [image.addressee_number for image in images])
    if grant.numbers.my_number or grant.numbers.resident_code:
        records = [image.record for image in images if image.record is not None]
        routing.numbers = await read_numbers(lane.numbers_pool, lane.number_cipher, records)
    for image in images:
        routing.enter(grant, image)
    await put_aside(connection, routing)
    await disclose(connection, lane, routing)
    return images[-1].addressee_number
