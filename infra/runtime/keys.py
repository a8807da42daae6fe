"""Secrets on disk and what is derived from them: one 32-byte key per purpose, owner-only files, never logged."""

import hmac
import secrets
from base64 import b32encode
from hashlib import sha256
from pathlib import Path

from infra.runtime.refusals import Refusal

KEY_BYTES = 32
PSEUDONYM_BYTES = 15
NUMBERS_KEY = "numbers"
CHANGE_TOPIC_KEY = "change-topic"
HUB_KEY = "hub"


def create_key(directory: Path, name: str) -> None:
    """Make the key `name` unless it exists; the file is readable by its owner only."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = _path(directory, name)
    if not path.exists():
        path.touch(mode=0o600, exist_ok=True)
        path.write_text(secrets.token_hex(KEY_BYTES), encoding="ascii")


def load_key(directory: Path, name: str) -> bytes:
    """The 32 bytes of key `name`; raises `Refusal` when it is missing or malformed."""
    try:
        key = bytes.fromhex(_path(directory, name).read_text(encoding="ascii"))
    except (OSError, ValueError):
        raise Refusal("KRN-KEY", f"key {name} in {directory} is missing or malformed") from None
    if len(key) != KEY_BYTES:
        raise Refusal("KRN-KEY", f"key {name} in {directory} must have {KEY_BYTES} bytes")
    return key


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose, independent of the keys of all other purposes."""
    return hmac.digest(key, b"kairan/derive/1\0" + purpose.encode(), sha256)


def pseudonym(key: bytes, topic: str, municipality: str, identity: str) -> str:
    """A person's pseudonym on one topic: 24 base32 characters that differ per topic and cannot be reversed."""
    message = "\0".join(("kairan/pseudonym/1", topic, municipality, identity)).encode()
    return b32encode(hmac.digest(key, message, sha256)[:PSEUDONYM_BYTES]).decode("ascii").lower()


def _path(directory: Path, name: str) -> Path:
    return directory / f"{name}.key"
