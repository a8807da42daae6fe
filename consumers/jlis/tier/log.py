"""The national role's log of queries for confirmation: who asked, for what, and what came of it; nobody asked about."""

from collections.abc import Mapping
from typing import Any

from consumers.jlis.tier.confirming import SQL
from consumers.kit.connection import rows_of
from infra.runtime.settings import Settings
from topics.national import NATIONAL


async def read_confirmations(settings: Settings, last: int) -> list[Mapping[str, Any]]:
    """The `last` entries, the newest first; raises `Refusal`."""
    return [dict(row) for row in await rows_of(settings, NATIONAL, SQL["log"], last)]
