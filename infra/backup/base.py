"""A base backup of the embedded server: its files as one stream, sealed as it comes, with the log they need."""

import os
import subprocess
import tempfile
from collections.abc import Iterator

from infra.backup.archive import READ_BYTES, Archive, BaseBackup
from infra.embedded.postgres import SUPERUSER, EmbeddedPostgres
from infra.runtime.keys import load_key
from infra.runtime.postgres import connect, role_key
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

OPTIONS = (
    "--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast", "--manifest-checksums=SHA256",
    "--no-password",
)  # fmt: skip
CURRENT_SEGMENT = "SELECT pg_walfile_name(pg_current_wal_lsn())"


async def base_backup(settings: Settings, archive: Archive) -> BaseBackup:
    """Back up the whole server; raises `Refusal`.

    The server's own client speaks by socket only: a server of one's own is backed up by its own means.
    """
    if settings.postgres_tls:
        raise Refusal(
            "BACKUP-REMOTE", "this is the embedded server's backup; back up a server of your own by its means"
        )
    first = await asked(settings, CURRENT_SEGMENT)
    return archive.keep_base(first, _streamed(settings))


async def asked(settings: Settings, question: str) -> str:
    """What the server answers to one question."""
    connection = await connect(settings, "postgres", role=SUPERUSER, principal=SUPERUSER)
    try:
        return str(await connection.fetchval(question))
    finally:
        await connection.close()


def _streamed(settings: Settings) -> Iterator[bytes]:
    """The server's files as one tar with its manifest; raises `Refusal` when the stream does not end well."""
    program = EmbeddedPostgres(settings).programs() / "pg_basebackup"
    where = [f"--host={settings.postgres_host}", f"--port={settings.postgres_port}", f"--username={SUPERUSER}"]
    password = load_key(settings, role_key(SUPERUSER)).hex()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(program), *where, *OPTIONS],
            stdout=subprocess.PIPE,
            stderr=said,
            env={**os.environ, "PGPASSWORD": password},
        )
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        with process, process.stdout as stream:
            while part := stream.read(READ_BYTES):
                yield part
        if process.returncode:
            raise Refusal("BACKUP-FAILED", f"pg_basebackup ended with {process.returncode}; nothing was kept")
