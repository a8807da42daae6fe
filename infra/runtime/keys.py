"""Secrets on disk and what is derived from them: one key per purpose, owner-only files, wrapped, never logged.

Each secret lies wrapped (AES-KWP, RFC 5649) under the key-encryption key, which is kept in a file of its own outside
the keys' directory: who copies that directory, or its backup, has nothing.
"""

import hmac
import os
import secrets
from base64 import b32encode
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from infra.runtime.files import settle
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

KEY_BYTES = 32
PSEUDONYM_BYTES = 15
OTHERS = 0o077
NUMBERS_KEY = "numbers"
CHANGE_TOPIC_KEY = "change-topic"
HUB_KEY = "hub"
REGISTER_KEY = "register"
ACCESS_KEY = "access"
ANALYSIS_KEY = "analysis"
BACKUP_KEY = "backup"


def create_key(settings: Settings, name: str) -> None:
    """Make the 32-byte key `name` unless it exists."""
    if not _path(settings, name).exists():
        store_secret(settings, name, secrets.token_bytes(KEY_BYTES))


def store_secret(settings: Settings, name: str, secret: bytes) -> None:
    """Keep `secret` as `name`; what is there already stays. The first secret comes with a key-encryption key; one that
    is lost is not made anew under secrets that lie there already."""
    if not settings.key_encryption_file.exists() and not kept_secrets(settings):
        _place(settings.key_encryption_file, secrets.token_hex(KEY_BYTES))
    wrapped = aes_key_wrap_with_padding(key_encryption_key(settings), secret)
    _place(_path(settings, name), wrapped.hex())


def load_key(settings: Settings, name: str) -> bytes:
    """The 32 bytes of key `name`; raises `Refusal` when it is missing, malformed or open to others."""
    key = load_secret(settings, name)
    if len(key) != KEY_BYTES:
        raise Refusal("KRN-KEY", f"key {name} in {settings.keys_directory} must have {KEY_BYTES} bytes")
    return key


def load_secret(settings: Settings, name: str) -> bytes:
    """The secret kept as `name`; raises `Refusal`."""
    path = _path(settings, name)
    wrapped = _read(path, f"key {name} in {settings.keys_directory}")
    try:
        return aes_key_unwrap_with_padding(key_encryption_key(settings), wrapped)
    except (InvalidUnwrap, ValueError):
        raise Refusal(
            "KRN-KEY", f"key {name} in {settings.keys_directory} does not open; is it of another key-encryption key?"
        ) from None


def holds_secret(settings: Settings, name: str) -> bool:
    """Whether a secret is kept as `name`."""
    return _path(settings, name).exists()


def kept_secrets(settings: Settings) -> list[str]:
    """The names of all secrets kept here."""
    return sorted(path.stem for path in settings.keys_directory.glob("*.key"))


def destroy_secret(settings: Settings, name: str) -> None:
    """Overwrite and remove what is kept as `name`; nothing happens when there is nothing.

    The file's former blocks are wrapped still: what a disk keeps of them is useless without the key-encryption key.
    """
    path = _path(settings, name)
    if path.exists():
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        settle(path.parent)


def key_encryption_key(settings: Settings) -> bytes:
    """The key under which all others lie; raises `Refusal` when it is missing, malformed or open to others."""
    path = settings.key_encryption_file
    key = _read(path, f"the key-encryption key {path}")
    if len(key) != KEY_BYTES:
        raise Refusal("KRN-KEY", f"the key-encryption key {path} must have {KEY_BYTES} bytes in hexadecimal digits")
    return key


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose, independent of the keys of all other purposes."""
    return hmac.digest(key, b"kairan/derive/1\0" + purpose.encode(), sha256)


def pseudonym(key: bytes, topic: str, municipality: str, identity: str) -> str:
    """A person's pseudonym on one topic: 24 base32 characters that differ per topic and cannot be reversed."""
    message = "\0".join(("kairan/pseudonym/1", topic, municipality, identity)).encode()
    return b32encode(hmac.digest(key, message, sha256)[:PSEUDONYM_BYTES]).decode("ascii").lower()


def _read(path: Path, named: str) -> bytes:
    try:
        if path.stat().st_mode & OTHERS:
            raise Refusal("KRN-KEY", f"{named} is open to others; take their rights away (chmod 600)")
        return bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        raise Refusal("KRN-KEY", f"{named} is missing or malformed") from None


def _place(path: Path, text: str) -> None:
    """Write a file as a whole, owner-only, unless somebody was first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile("w", dir=path.parent, prefix=".new-", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
    settle(path.parent)


def _path(settings: Settings, name: str) -> Path:
    return settings.keys_directory / f"{name}.key"
