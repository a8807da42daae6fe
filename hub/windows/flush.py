"""Flushing (即時送出): what waits is due now, for all recipients of a municipality at once."""

from hub.databases import HUB_DATABASE
from hub.store import SQL
from hub.windows.waiting import WINDOWS_SQL
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from topics.catalogue import HUB


async def flush(settings: Settings) -> int:
    """End every window that is open, in every municipality; the lanes then send. Returns how many changes are due.

    A window that is cut short hides less; never one recipient's alone, or the cut would show in the others' streams.
    """
    return sum([await _flush(settings, municipality) for municipality in settings.municipalities])


async def _flush(settings: Settings, municipality: str) -> int:
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=HUB, principal=HUB)
    try:
        async with connection.transaction():
            await connection.fetchrow(SQL["lock_head"])
            return int(await connection.fetchval(WINDOWS_SQL["flush"]))
    finally:
        await connection.close()
