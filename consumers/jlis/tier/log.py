"""The national role's log of queries for confirmation: who asked, for what, and what came of it; nobody asked about."""

from collections.abc import Mapping
from typing import Any

from consumers.jlis.tier.confirming import SQL
from consumers.jlis.tier.service import national_pool
from infra.runtime.settings import Settings


async def read_confirmations(settings: Settings, last: int) -> list[Mapping[str, Any]]:
    """The `last` entries, the newest first; raises `Refusal`."""
    pool = await national_pool(settings)
    try:
        return [dict(row) for row in await pool.fetch(SQL["log"], last)]
    finally:
        await pool.close()
