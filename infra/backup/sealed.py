"""Sealed files: of any size, in chunks of AES-256-GCM, none of which can be left out, moved or cut off unnoticed.

A file is a magic line, a random salt, and chunks of 1 MiB plaintext with their tags. Each file has a key of its own,
derived from the backup key, the salt and the file's name; a chunk's nonce is its number and whether it is the last
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.runtime.files import OWNER_ONLY, settle
from infra.runtime.keys import derive
from infra.runtime.refusals import Refusal

MAGIC = b"kairan/backup/1\n"
SALT_BYTES = 16
TAG_BYTES = 16
CHUNK_BYTES = 1024 * 1024
COUNTER_BYTES = 11
SUFFIX = ".sealed"


def seal_file(path: Path, key: bytes, content: Iterable[bytes]) -> int:
    """Write `content`, in parts of any size, as a sealed file that is there as a whole or not at all, owner-only.

    Returns how many bytes of content there were. Nothing of it reaches a disk unsealed.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staging = path.with_name(f".new-{path.name}")
    salt, size = os.urandom(SALT_BYTES), 0
    cipher = _cipher(key, salt, path.name)
    with open(staging, "wb", opener=_owner_only) as file:
        file.write(MAGIC + salt)
        for number, (chunk, last) in enumerate(_chunks(content)):
            size += len(chunk)
            file.write(cipher.encrypt(_nonce(number, last=last), chunk, None))
        file.flush()
        os.fsync(file.fileno())
    staging.replace(path)
    settle(path.parent)
    return size


def open_file(path: Path, key: bytes) -> Iterator[bytes]:
    """The content of a sealed file, part by part; raises `Refusal` at the first part that is not what was sealed."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC) + SALT_BYTES)
        if not head.startswith(MAGIC):
            raise _altered(path)
        cipher = _cipher(key, head[len(MAGIC) :], path.name)
        for number, (chunk, last) in enumerate(_marked(_sealed_chunks(file))):
            try:
                yield cipher.decrypt(_nonce(number, last=last), chunk, None)
            except InvalidTag:
                raise _altered(path) from None


def _chunks(content: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Chunks of the full size but for the last, which is marked; at least one, also of nothing."""
    return _marked(_whole_chunks(content))


def _whole_chunks(content: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for part in content:
        held += part
        while len(held) > CHUNK_BYTES:
            yield bytes(held[:CHUNK_BYTES])
            del held[:CHUNK_BYTES]
    yield bytes(held)


def _sealed_chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES + TAG_BYTES):
        yield chunk


def _marked(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each chunk, and whether it is the last; a file without any has an empty one, which opens nowhere."""
    held = next(chunks, b"")
    for following in chunks:
        yield held, False
        held = following
    yield held, True


def _cipher(key: bytes, salt: bytes, name: str) -> AESGCM:
    return AESGCM(derive(key, f"backup/{salt.hex()}/{name}"))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(COUNTER_BYTES, "big") + bytes([last])


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ONLY)


def _altered(path: Path) -> Refusal:
    return Refusal("BACKUP-ALTERED", f"{path} does not open: altered, cut off, renamed, or sealed under another key")
