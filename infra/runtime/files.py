"""Files that are there as a whole or not at all, also after the power fails."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from infra.runtime.refusals import Refusal

OWNER_ONLY = 0o600
OTHERS = 0o077


def replace(path: Path, content: bytes, *, mode: int) -> None:
    """Put `content` in the place of what `path` holds; when this returns, it is on the disk."""
    with replacing(path, mode=mode) as file:
        file.write(content)


@contextmanager
def replacing(path: Path, *, mode: int) -> Iterator[IO[bytes]]:
    """A file to write to, which takes the place of what `path` holds when the block ends well, and else is gone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=path.parent, prefix=".new-", delete=False) as file:
        new = Path(file.name)
        try:
            yield file
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    settle(path.parent)


def refuse_open(path: Path, what: str) -> None:
    """Raise `Refusal` when others than its owner may do anything with `path`."""
    if path.stat().st_mode & OTHERS:
        raise Refusal("KRN-FILE", f"{what} {path} is open to others; chmod 600 it")


def settle(directory: Path) -> None:
    """Have the directory's entries on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
