"""The pages' process: looks again and again, and serves what it saw, by TLS, to people with an account."""

import asyncio

import structlog

from hub.pages.application import application
from hub.pages.desk import Desk, Preview
from hub.pages.sessions import Sessions
from hub.watch.survey import ReadRegisters, Surveyor
from infra.runtime.https import serve_https
from infra.runtime.log import Logger
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from infra.runtime.tls import browser_context
from topics.catalogue import DESK


async def run_pages(settings: Settings, registers: ReadRegisters, preview: Preview, stop: Stop) -> None:
    """Survey and serve until `stop`; raises `Refusal` without certificates."""
    desk = Desk(settings, Sessions(settings), preview)
    surveyor = Surveyor(settings, registers)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_look(desk, surveyor, stop))
            tasks.create_task(serve_https(settings.pages_url, browser_context(settings, DESK), application(desk), stop))
    finally:
        await desk.sessions.close()


async def _look(desk: Desk, surveyor: Surveyor, stop: Stop) -> None:
    log: Logger = structlog.get_logger()
    while not stop.is_set():
        await desk.latest.look(surveyor, log)
        if desk.latest.survey is not None:
            desk.past.keep(desk.latest.survey)
        await pause(stop, desk.settings.survey_seconds)
