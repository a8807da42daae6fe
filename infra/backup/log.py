"""The write-ahead log on its way from the server to the archive."""

import asyncio
import time

from infra.backup.archive import Archive
from infra.backup.base import asked
from infra.embedded.postgres import EmbeddedPostgres
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

SWITCH = "SELECT pg_walfile_name(pg_switch_wal() - 1::numeric)"
ARCHIVED = "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver"
POLL_SECONDS = 0.1


async def archive_up_to_now(settings: Settings, archive: Archive) -> int:
    """Have the server give up what it has written until now, and take it in; returns how many files that were.

    Raises `Refusal` when the server archives nothing in time.
    """
    segment = await asked(settings, SWITCH)
    deadline = time.monotonic() + settings.start_timeout_seconds
    while await asked(settings, ARCHIVED) < segment:
        if time.monotonic() > deadline:
            raise Refusal("BACKUP-ARCHIVER", "the server does not archive its log; was it started with these settings?")
        await asyncio.sleep(POLL_SECONDS)
    return await asyncio.to_thread(archive.take_in, EmbeddedPostgres(settings).spool)
