"""The witness's memory: the latest cosigned checkpoint of each log, a file each, on disk before it is told."""

import fcntl
import os
from hashlib import sha256
from pathlib import Path

from infra.runtime.files import OWNER_ONLY, replace
from infra.runtime.refusals import Refusal


class Store:
    """A directory that one process alone keeps; raises `Refusal` when another has it."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._directory = directory
        self._lock = os.open(directory, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise Refusal("KRN-WITNESS", f"another witness keeps {directory}; stop it first") from None

    def latest(self, origin: str) -> str | None:
        """The latest cosigned note of a log; None when there never was one."""
        try:
            return self._path(origin, "note").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def keep(self, origin: str, note: str) -> None:
        """The log's latest note from now on."""
        replace(self._path(origin, "note"), note.encode(), mode=OWNER_ONLY)

    def accuse(self, origin: str, note: str) -> None:
        """Keep the last note that the log signed and that does not continue its latest: evidence against it."""
        replace(self._path(origin, "refused"), note.encode(), mode=OWNER_ONLY)

    def close(self) -> None:
        """Let another process have the directory."""
        os.close(self._lock)

    def _path(self, origin: str, kind: str) -> Path:
        """No origin, whatever it holds, names a file elsewhere."""
        return self._directory / f"{sha256(origin.encode()).hexdigest()}.{kind}"
