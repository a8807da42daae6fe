"""The analysis's process: the Faust application within our own loop, begun anew when it crashes."""

import structlog

from hub.watch.access.application import Analysis
from hub.watch.access.settling import RETRY_SECONDS, TRANSIENT
from hub.watch.access.store import Store, open_store
from infra.runtime.log import Logger
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings

LOOK_SECONDS = 0.2


class CrashedError(Exception):
    """The application has ended by itself."""


async def run_analysis(settings: Settings, stop: Stop) -> None:
    """Run until `stop`; faults of broker or database are waited out."""
    log: Logger = structlog.get_logger()
    while not stop.is_set():
        stores: dict[str, Store] = {}
        try:
            for municipality in settings.municipalities:
                stores[municipality] = await open_store(settings, municipality)
            await _run(Analysis(settings, stores), stop)
        except (CrashedError, *TRANSIENT) as error:
            log.warning("the analysis starts anew", code="ACCESS-RESTART", error=error)
            await pause(stop, RETRY_SECONDS)
        finally:
            for store in stores.values():
                await store.close()


async def _run(analysis: Analysis, stop: Stop) -> None:
    app = analysis.app
    try:
        await app.start()
        while not stop.is_set():
            if app.should_stop or app.crashed:
                raise CrashedError
            await pause(stop, LOOK_SECONDS)
    finally:
        await app.stop()
