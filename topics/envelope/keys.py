"""The key register: every party's public keys and how they stand; who seals and who opens reads the same register."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AwareDatetime, model_validator

from topics.envelope.suites import Algorithm, SealPublic, key_id, seal_public
from topics.model import WireModel


class KeyState(StrEnum):
    """An active key is used. One that is retiring is used for nothing new, while it is found out how far it was used; a
    retired one opens or verifies only up to its marks. A destroyed one opens nothing; it still verifies up to them."""

    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"
    DESTROYED = "destroyed"


class PublicKey(WireModel):
    """One line of the register. `public` is base64 of the raw key. `marks` are the last numbers for which a retired
    key may have been used, by place (see `place`)."""

    principal: str
    algorithm: Algorithm
    public: str
    since: AwareDatetime
    state: KeyState = KeyState.ACTIVE
    marks: Mapping[str, int] = {}

    @model_validator(mode="after")
    def _is_a_key(self) -> Self:
        if self.algorithm is Algorithm.ED25519:
            self.verifier()
        else:
            self.sealer()
        return self

    @cached_property
    def key_id(self) -> str:
        """The key's thumbprint: a key cannot stand under another's name."""
        return key_id(self.algorithm, b64decode(self.public))

    @property
    def seals(self) -> bool:
        """Whether it is a seal key; else it is a signing key."""
        return self.algorithm is not Algorithm.ED25519

    def sealer(self) -> SealPublic:
        """The key to seal with; raises ValueError."""
        return seal_public(self.algorithm, b64decode(self.public))

    def verifier(self) -> Ed25519PublicKey:
        """The key to verify signatures with; raises ValueError."""
        return Ed25519PublicKey.from_public_bytes(b64decode(self.public))

    def good_for(self, topic: str, municipality: str, number: int) -> bool:
        """Whether a record of this number may stand under the key."""
        if self.state in (KeyState.ACTIVE, KeyState.RETIRING):
            return True
        return number <= self.marks.get(place(topic, municipality), 0)

    def used_between(self, sender: str, recipient: str) -> bool:
        """Whether what `sender` seals to `recipient` may be under the key: signed by it, or sealed to it."""
        return self.principal == (recipient if self.seals else sender)


def place(topic: str, municipality: str) -> str:
    """The name of one municipality's part of a topic."""
    return f"{topic}/{municipality}"


def public_key(principal: str, algorithm: Algorithm, public: bytes, since: datetime) -> PublicKey:
    """A new active key's line."""
    return PublicKey(principal=principal, algorithm=algorithm, public=b64encode(public).decode("ascii"), since=since)


@dataclass(frozen=True, slots=True)
class KeyRegister:
    """All lines, by key id."""

    keys: Mapping[str, PublicKey]

    @classmethod
    def of(cls, keys: Iterable[PublicKey]) -> Self:
        """The register of these lines."""
        return cls({key.key_id: key for key in keys})

    def seal_key(self, principal: str) -> PublicKey | None:
        """The key to which the principal is sealed now: its newest active one."""
        return self.newest(principal, seals=True)

    def signing_key(self, principal: str) -> PublicKey | None:
        """The key under which the principal signs now."""
        return self.newest(principal, seals=False)

    def newest(self, principal: str, *, seals: bool) -> PublicKey | None:
        """The principal's newest active key of this purpose."""
        return max(self.active(principal, seals=seals), key=lambda key: (key.since, key.key_id), default=None)

    def active(self, principal: str, *, seals: bool) -> list[PublicKey]:
        """All the principal's active keys of this purpose: during a rotation there are several."""
        return [
            key
            for key in self.keys.values()
            if key.principal == principal and key.seals is seals and key.state is KeyState.ACTIVE
        ]
