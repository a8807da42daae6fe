"""Redelivery (再提供): the present state once more, under a new number and entry, to whom refused it or gave it up.

Asking and carrying out are two transactions: a worker that dies in between leaves the row, and the next one does it.
"""

from collections.abc import Collection

from hub.databases import HUB_DATABASE
from hub.disclosure import disclose
from hub.lane import Lane
from hub.store import lock_head, read_followed, read_images, read_numbers
from hub.windows.waiting import put_aside
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from topics.catalogue import HUB
from topics.grant import Grant

_SQL = load_queries("hub.returns", "queries.sql")
RESIDENTS_AT_ONCE = 500


async def ask_redelivery(settings: Settings, municipality: str, recipient: str, addressee_number: str) -> None:
    """Ask for it; the lane carries it out. Raises `Refusal`."""
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=HUB, principal=HUB)
    try:
        await connection.execute(_SQL["ask_redelivery"], recipient, addressee_number)
    finally:
        await connection.close()


async def ask_redeliveries(connection: Connection, recipient: str, residents: Collection[str]) -> None:
    """Ask for it within the caller's transaction."""
    if residents:
        await connection.execute(_SQL["ask_redeliveries"], recipient, sorted(residents))


async def redeliver_asked(lane: Lane) -> None:
    """Carry out what was asked for, of recipients with a grant. Raises `FencedError` and `NumberMissingError`."""
    asked = {row["recipient"] for row in await lane.pool.fetch(_SQL["any_redelivery"])}
    for grant in [grant for grant in lane.grants() if grant.recipient in asked]:
        while await _redeliver(lane, grant):
            lane.wake.ring()


async def _redeliver(lane: Lane, grant: Grant) -> bool:
    async with lane.pool.acquire() as connection, connection.transaction():
        await lock_head(connection, lane.epoch)
        rows = await connection.fetch(_SQL["asked_redeliveries"], grant.recipient, RESIDENTS_AT_ONCE)
        asked = [row["addressee_number"] for row in rows]
        due = await connection.fetch(_SQL["tell_anew"], grant.recipient, grant.generation, asked)
        if due:
            await _tell(connection, lane, grant, [row["addressee_number"] for row in due])
        await connection.execute(_SQL["forget_redeliveries"], grant.recipient, asked)
    return bool(asked)


async def _tell(connection: Connection, lane: Lane, grant: Grant, residents: list[str]) -> None:
    routing = await lane.routing(connection, [grant])
    if not routing.last_numbers:
        return
    images = await read_images(connection, residents)
    await read_followed(connection, routing, residents)
    if grant.numbers.my_number or grant.numbers.resident_code:
        records = [image.record for image in images if image.record is not None]
        routing.numbers = await read_numbers(lane.numbers_pool, lane.number_cipher, records)
    for image in images:
        routing.tell_anew(grant, image)
    await put_aside(connection, routing)
    await disclose(connection, lane, routing)
