"""Files that are there as a whole or not at all, and on the disk before anybody goes on."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

OWNER_ONLY = 0o600
OWNERS_DIRECTORY, DIRECTORY = 0o700, 0o755


def place(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write `path`, in place of what was there, in one step that outlives a crash."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=OWNERS_DIRECTORY if mode == OWNER_ONLY else DIRECTORY)
    with NamedTemporaryFile("wb", dir=path.parent, prefix=".new-", delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new = Path(file.name)
    new.chmod(mode)
    new.replace(path)
    settle(path.parent)


def settle(directory: Path) -> None:
    """Have the directory's entries on disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
