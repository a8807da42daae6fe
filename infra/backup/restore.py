"""Restoring to a scratch place: the server as it was at a moment, started there beside the one that runs."""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase
from pathlib import Path
from typing import Any

from infra.backup.archive import Archive, BaseBackup
from infra.backup.sealed import SUFFIX
from infra.embedded.postgres import STOP_SIGNAL, EmbeddedPostgres
from infra.embedded.processes import stop
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

REPLAY_SECONDS = 3600
"""How long the replay of the write-ahead log may take."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A server as it was, running; `settings` are the ones by which it is reached."""

    base: BaseBackup
    server: EmbeddedPostgres
    settings: Settings


@contextmanager
def restored(
    settings: Settings, archive: Archive, to: Path, moment: datetime | None, *, keep: bool = False
) -> Iterator[Restored]:
    """The server as it was at `moment`, or as late as the archive knows, until the block ends; `keep` leaves its data.

    Raises `Refusal` when `to` holds something, no base backup is early enough, a sealed file does not open, a file is
    not the one that was backed up, or the log does not reach the moment.
    """
    base = archive.base_before(moment)
    own = {"state_directory": to, "backup_directory": None, "embedded_postgres_port": 0}
    scratch = settings.model_copy(update={**own, "start_timeout_seconds": REPLAY_SECONDS})
    data = EmbeddedPostgres(scratch).data
    log = data.with_name(f"{data.name}-log")
    server = EmbeddedPostgres(scratch, _recovery(log, moment))
    for place in (to, data, log):
        if place.exists() and any(place.iterdir()):
            raise Refusal("BACKUP-TARGET", f"{place} is not empty; restore to a new directory")
    reached = {"postgres_host": str(server.socket_directory), "postgres_port": server.port, "postgres_tls": False}
    try:
        _unpack(archive, base, server)
        _lay_out_log(archive, base, log, server)
        server.start()
        server.wait()
        yield Restored(base, server, scratch.model_copy(update=reached))
    finally:
        if server.process is not None:
            stop(server.process, by=STOP_SIGNAL)
        shutil.rmtree(log, ignore_errors=True)
        if not keep:
            server.remove_data()


def _recovery(log: Path, moment: datetime | None) -> dict[str, str]:
    until = {"recovery_target_time": f"'{moment.isoformat()}'", "recovery_target_action": "promote"} if moment else {}
    return {"restore_command": f'\'cp "{log}/%f" "%p"\'', "archive_mode": "off", "hot_standby": "off", **until}


def _unpack(archive: Archive, base: BaseBackup, server: EmbeddedPostgres) -> None:
    """The base backup's files where the server will look for them, each held against the backup's own manifest."""
    server.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tarfile.open(fileobj=_Stream(archive.opened(archive.tar(base.name))), mode="r|") as tar:
        tar.extractall(server.data, filter="data")
    (server.data / "recovery.signal").touch()
    server.data.chmod(0o700)
    server.own(server.data)
    _hold_against_manifest(server.data, base)


def _hold_against_manifest(data: Path, base: BaseBackup) -> None:
    """Every file is as long as the server said when it gave it out, and has the checksum it said."""
    told = json.loads((data / "backup_manifest").read_bytes())
    for file in told["Files"]:
        with (data / file["Path"]).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if digest != file["Checksum"]:
            raise Refusal("BACKUP-MANIFEST", f"a file of base backup {base.name} is not the one that was backed up")


def _lay_out_log(archive: Archive, base: BaseBackup, log: Path, server: EmbeddedPostgres) -> None:
    """The write-ahead log since the base backup, opened, for the server to fetch."""
    log.mkdir(parents=True, mode=0o700)
    for sealed in archive.segments(base.first_segment):
        with (log / sealed.name.removesuffix(SUFFIX)).open("wb") as file:
            file.writelines(archive.opened(sealed))
    server.own(log)


class _Stream(RawIOBase):
    """Parts of bytes as a file that is read once from its beginning to its end."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._held = part
        count = min(len(buffer), len(self._held))
        buffer[:count], self._held = self._held[:count], self._held[count:]
        return count
