"""A ledger entry (提供記録): one fact as canonical JSON, hashed, kept and shown exactly as it stands.

Every entry says `log`, `index`, `kind` and `time`; one that is about a person holds `subject`, a salted commitment, and
never the person. 番号法 23条1項 asks for the parties, the time and the items of a provision: they stand in `disclose`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

SALT_BYTES = 32
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


class EntryKind(StrEnum):
    """What an entry tells."""

    DISCLOSE = "disclose"
    VOID = "void"
    ACKNOWLEDGE = "acknowledge"
    DISCARD = "discard"
    VIEW = "view"
    EXPORT = "export"
    GRANT = "grant"
    KEY = "key"


def canonical(entry: Mapping[str, object]) -> str:
    """The one text of an entry: members sorted, no spaces, ASCII."""
    return _ENCODER.encode(entry)


def moment(time: datetime) -> str:
    """A time as entries tell it: UTC, whole seconds."""
    return time.astimezone(UTC).strftime(TIME_FORMAT)


def commitment(salt: bytes, subject: str) -> str:
    """What an entry says of its subject: hexadecimal SHA-256, which nobody can try out without the salt."""
    return sha256(salt + subject.encode()).hexdigest()
