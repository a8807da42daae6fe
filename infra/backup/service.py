"""The archive's process: takes the write-ahead log in as the server leaves it."""

import asyncio

import structlog

from infra.backup.archive import Archive
from infra.embedded.postgres import EmbeddedPostgres
from infra.runtime.log import Logger
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings

LOOK_SECONDS = 1.0


async def run_archive(settings: Settings, stop: Stop) -> None:
    """Run until `stop`; a place that cannot be written is waited for, and the server's log waits in its spool.

    Raises `Refusal` where no backups are kept.
    """
    log: Logger = structlog.get_logger()
    archive, spool = Archive.of(settings), EmbeddedPostgres(settings).spool
    while not stop.is_set():
        try:
            count = await asyncio.to_thread(archive.take_in, spool)
            if count:
                log.info("write-ahead log archived", count=count)
        except OSError as error:
            log.error("the archive cannot be written", code="BACKUP-ARCHIVE", error=error)
        await pause(stop, LOOK_SECONDS)
