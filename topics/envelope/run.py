"""A run: consecutive records of one place that share a content key, with all that is said once and signed once.

On the wire a record is ``K1 · len16 run · run · signature(64) · len16 head · head · nonce(12) · ciphertext``; run and
head are JSON without personal data. The signature covers the run; run, signature and head are the ciphertext's
associated data. Each record opens by itself.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from topics.envelope.suites import Algorithm
from topics.messages.change import Positive
from topics.model import WireModel

MAGIC = b"K1"
LENGTH_BYTES = 2
SIGNATURE_BYTES = 64
NONCE_BYTES = 12
CONTENT_KEY_BYTES = 32
RUN_RECORDS = 64
"""Records under one content key, at most: what one wrapped key costs is shared, what one lost key opens is small."""

_SIGNED = b"kairan/run/1\0"
_WRAPPED = b"kairan/wrap/1\0"
_BOUND = b"kairan/record/1\0"


class Terms(WireModel):
    """What holds for all of a sender's records of one place: who, to whom, where, and by which right."""

    sender: str
    recipient: str
    topic: str
    municipality: str
    generation: int
    content: str
    basis: tuple[str, ...] = ()
    items: tuple[int, ...] = ()


class Run(WireModel):
    """The signed part. `suite` and the key ids say how the content key is wrapped; `first`..`last` are its numbers."""

    terms: Terms
    suite: Algorithm
    sender_key: str
    recipient_key: str
    first: Positive
    last: Positive
    wrapped: str

    def wrapped_bytes(self) -> bytes:
        """The wrapped content key; raises ValueError."""
        return b64decode(self.wrapped, validate=True)

    def info(self) -> bytes:
        """What the wrapped key is bound to: everything else in the run."""
        return wrap_info(self)


def wrap_info(run: Run) -> bytes:
    """HPKE's info: the run without the wrapped key."""
    return _WRAPPED + run.model_copy(update={"wrapped": ""}).to_wire()


def wrapped_text(wrapped: bytes) -> str:
    """The wrapped key as it stands in a run."""
    return b64encode(wrapped).decode("ascii")


def signed_bytes(run: bytes) -> bytes:
    """What is signed of a run."""
    return _SIGNED + run


@dataclass(frozen=True, slots=True)
class SignedRun:
    """A run as it travels."""

    run: Run
    raw: bytes
    signature: bytes

    @classmethod
    def sign(cls, run: Run, private: Ed25519PrivateKey) -> Self:
        """The run under its sender's signature."""
        raw = run.to_wire()
        return cls(run, raw, private.sign(signed_bytes(raw)))

    def prefix(self) -> bytes:
        """The first bytes of each of its records."""
        return MAGIC + len(self.raw).to_bytes(LENGTH_BYTES, "big") + self.raw + self.signature

    def binding(self) -> bytes:
        """The part of the associated data that all its records share."""
        return _BOUND + sha256(self.raw + self.signature).digest()


class Head(WireModel):
    """What is said of one record: its message key, event id, number and resident sequence."""

    key: str
    event_id: str
    number: Positive
    sequence: Positive
