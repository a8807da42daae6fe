"""Compares broker and grants again and again; that needs the administrator's rights, which the pages have not."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict

import structlog
from asyncpg import InterfaceError, InternalClientError, PostgresError

from hub.pages.accounts import SQL, as_administrator
from infra.runtime.log import Logger
from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from topics.drift import Departure

BETWEEN_SECONDS = 60.0

Compare = Callable[[Settings], list[Departure]]
"""The departures at this moment; raises `Refusal`."""


async def keep_comparing(settings: Settings, compare: Compare, stop: Stop) -> None:
    """Compare every minute until `stop`, and keep what was found last."""
    log: Logger = structlog.get_logger()
    while not stop.is_set():
        try:
            await compare_once(settings, compare)
        except (Refusal, PostgresError, InterfaceError, InternalClientError, OSError) as error:
            log.warning("broker and grants were not compared", code="DRIFT-UNANSWERED", error=error)
        await pause(stop, BETWEEN_SECONDS)


async def compare_once(settings: Settings, compare: Compare) -> None:
    """Compare, and keep what was found in place of what was found before."""
    found = await asyncio.to_thread(compare, settings)
    async with as_administrator(settings) as connection:
        await connection.execute(SQL["keep_drift"], json.dumps([asdict(departure) for departure in found]))
