"""A small disk of its own under a directory, which can be filled to the last byte; only root may mount one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.runtime.refusals import Refusal

BLOCK = bytes(1024 * 1024)


class SmallDisk:
    """A disk in memory (tmpfs), mounted at `directory`."""

    def __init__(self, directory: Path) -> None:
        self._filler = directory / "filler"

    def fill(self) -> None:
        """Leave no room for another byte."""
        with self._filler.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(BLOCK)

    def relieve(self) -> None:
        """Give the room back."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(directory: Path, mebibytes: int) -> Iterator[SmallDisk]:
    """A disk of this size at `directory` while the block runs; raises `Refusal` where mounting is not allowed."""
    directory.mkdir(parents=True, exist_ok=True)
    before = directory.stat()
    mounted = _run("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(directory))
    if not mounted:
        raise Refusal("DRILL-DISK", "a disk of its own cannot be mounted here; run this drill as root")
    os.chown(directory, before.st_uid, before.st_gid)
    directory.chmod(before.st_mode & 0o777)
    try:
        yield SmallDisk(directory)
    finally:
        _run("umount", "--lazy", str(directory))


def _run(*command: str) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
