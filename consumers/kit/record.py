"""What comes off a topic: bytes and coordinates; and what becomes of it when it cannot be applied."""

import json
from dataclasses import dataclass
from hashlib import sha256

from consumers.kit.order import Member, member_of
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

    @staticmethod
    def headers_of(text: bytes) -> tuple[tuple[str, bytes], ...]:
        """The headers in such a text."""
        return tuple((name, bytes.fromhex(value)) for name, value in json.loads(text))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record that passed all checks, with the delivery in it."""

    record: Record
    delivery: Delivery

    @property
    def member(self) -> Member:
        """Its place in the order."""
        return member_of(self.delivery)

    @property
    def number(self) -> int:
        """Its delivery number."""
        return self.delivery.number


@dataclass(frozen=True, slots=True)
class Finding:
    """A record that must be parked: `code` says why; `member` is its place when that can be trusted."""

    record: Record
    code: str
    member: Member | None = None

    @property
    def number(self) -> int | None:
        """Its delivery number when that can be trusted."""
        return None if self.member is None else self.member.number
