"""What comes off a topic: bytes and coordinates; and what becomes of it when it cannot be applied."""

import json
from dataclasses import dataclass
from hashlib import sha256

from topics.messages.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the broker handed it over."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()

    def digest(self) -> bytes:
        """The SHA-256 of the envelope: what the ledger knows it by."""
        return sha256(self.value or b"").digest()

    def headers_text(self) -> bytes:
        """The headers as ASCII JSON: pairs of name and value in hexadecimal digits."""
        return json.dumps([(name, value.hex()) for name, value in self.headers]).encode("ascii")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record that passed all checks, with the delivery in it."""

    record: Record
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Finding:
    """A record that must be parked: `code` says why; `number` is its delivery number when that can be trusted."""

    record: Record
    code: str
    number: int | None = None
