"""Verifier keys of signed notes (C2SP signed-note, tlog-cosignature): Ed25519, for notes and for cosignatures."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_ID_BYTES = 4


class NoteCode(StrEnum):
    """Why a note, a checkpoint or a verifier key is refused."""

    KEY = "NOTE-KEY"
    MALFORMED = "NOTE-MALFORMED"
    SIGNATURE = "NOTE-SIGNATURE"
    UNSIGNED = "NOTE-UNSIGNED"
    CHECKPOINT = "NOTE-CHECKPOINT"
    ORIGIN = "NOTE-ORIGIN"


class NoteError(ValueError):
    """A refused note: its code, and a sentence."""

    def __init__(self, code: NoteCode, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code


class Kind(IntEnum):
    """What a key signs: whole notes, or a checkpoint together with the time at which it was seen."""

    NOTE = 1
    COSIGNATURE = 4


@dataclass(frozen=True)
class Verifier:
    """A public key with its name; `public` is the raw Ed25519 key. Raises `NoteError` when either is none."""

    name: str
    kind: Kind
    public: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise NoteError(NoteCode.KEY, "a key's name is not empty and holds neither spaces nor plus")
        try:
            Ed25519PublicKey.from_public_bytes(self.public)
        except ValueError:
            raise NoteError(NoteCode.KEY, "an Ed25519 public key has 32 bytes") from None

    @classmethod
    def of(cls, name: str, kind: Kind, key: Ed25519PublicKey) -> Self:
        """The verifier of this key."""
        return cls(name, kind, key.public_bytes_raw())

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """From ``name+hex key id+base64``; raises `NoteError`."""
        name, _, rest = vkey.partition("+")
        material = decode64(rest.partition("+")[2], NoteCode.KEY)
        if material[:1] not in (bytes([kind]) for kind in Kind):
            raise NoteError(NoteCode.KEY, "a verifier key is name, key id and an Ed25519 key, parted by plus")
        verifier = cls(name, Kind(material[0]), material[1:])
        if verifier.vkey != vkey:
            raise NoteError(NoteCode.KEY, "the key id is not that of this name and key")
        return verifier

    @cached_property
    def key_id(self) -> bytes:
        """The first four bytes of the hash over name, kind and key."""
        return sha256(self.name.encode() + b"\n" + self._material).digest()[:KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as one line of text."""
        return f"{self.name}+{self.key_id.hex()}+{encode64(self._material)}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` is this key's under `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    @property
    def _material(self) -> bytes:
        return bytes([self.kind]) + self.public


def is_key_name(name: str) -> bool:
    """Whether a key may bear this name."""
    return bool(name) and not any(character.isspace() or character == "+" or character < " " for character in name)


def encode64(content: bytes) -> str:
    """Standard base64 (RFC 4648 §4)."""
    return b64encode(content).decode("ascii")


def decode64(text: str, code: NoteCode) -> bytes:
    """The bytes of canonical base64; raises `NoteError` of this code."""
    try:
        content = b64decode(text, validate=True)
    except ValueError:
        raise NoteError(code, "not base64") from None
    if encode64(content) != text:
        raise NoteError(code, "not the one base64 of its bytes")
    return content
