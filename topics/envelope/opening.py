"""Opening: everything that is bound is checked before anything is opened, and each refusal has its code."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from topics.envelope.keys import KeyRegister, KeyState, PublicKey
from topics.envelope.padding import unpad
from topics.envelope.run import (
    LENGTH_BYTES,
    MAGIC,
    NONCE_BYTES,
    SIGNATURE_BYTES,
    Head,
    Run,
    SignedRun,
    Terms,
    signed_bytes,
    wrap_info,
)
from topics.envelope.suites import Algorithm, SealPrivate, unwrap

RUNS_KEPT = 256


class EnvelopeCode(StrEnum):
    """Why an envelope is refused."""

    MALFORMED = "ENV-MALFORMED"
    SENDER = "ENV-SENDER"
    RECIPIENT = "ENV-RECIPIENT"
    TOPIC = "ENV-TOPIC"
    MUNICIPALITY = "ENV-MUNICIPALITY"
    GENERATION = "ENV-GENERATION"
    CONTENT = "ENV-CONTENT"
    BASIS = "ENV-BASIS"
    ITEMS = "ENV-ITEMS"
    MESSAGE_KEY = "ENV-MESSAGE-KEY"
    RANGE = "ENV-RANGE"
    KEY_UNKNOWN = "ENV-KEY-UNKNOWN"
    KEY_RETIRED = "ENV-KEY-RETIRED"
    SUITE = "ENV-SUITE"
    SIGNATURE = "ENV-SIGNATURE"
    WRAPPED_KEY = "ENV-WRAPPED-KEY"
    ALTERED = "ENV-ALTERED"


class EnvelopeError(ValueError):
    """An envelope that is refused; `code` says why, and the text says no more."""

    def __init__(self, code: EnvelopeCode) -> None:
        super().__init__(code.value)
        self.code = code


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope taken apart, nothing of it believed yet."""

    signed: SignedRun
    head: Head
    told: bytes
    nonce: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in an envelope."""

    head: Head
    payload: bytes


def take_apart(value: bytes) -> Envelope:
    """The parts of an envelope; raises `EnvelopeError`."""
    if value[: len(MAGIC)] != MAGIC:
        raise EnvelopeError(EnvelopeCode.MALFORMED)
    raw, rest = _cut(value[len(MAGIC) :])
    signature, rest = rest[:SIGNATURE_BYTES], rest[SIGNATURE_BYTES:]
    told, rest = _cut(rest)
    try:
        run, head = _run_in(raw), Head.from_wire(told)
    except ValueError:
        raise EnvelopeError(EnvelopeCode.MALFORMED) from None
    return Envelope(SignedRun(run, raw, signature), head, told, rest[:NONCE_BYTES], rest[NONCE_BYTES:])


@lru_cache(maxsize=RUNS_KEPT)
def _run_in(raw: bytes) -> Run:
    """The run in these bytes, which all its records share; raises ValueError."""
    return Run.from_wire(raw)


def _cut(value: bytes) -> tuple[bytes, bytes]:
    end = LENGTH_BYTES + int.from_bytes(value[:LENGTH_BYTES], "big")
    if len(value) < end:
        raise EnvelopeError(EnvelopeCode.MALFORMED)
    return value[LENGTH_BYTES:end], value[end:]


class Opener:
    """Opens one place's records for their recipient. `terms` are what it accepts (`items`: at most these);
    `register` and `private` are asked anew for each run, so that a rotation is seen as soon as it is written."""

    def __init__(
        self,
        terms: Terms,
        register: Callable[[], KeyRegister],
        private: Callable[[PublicKey], SealPrivate | None],
    ) -> None:
        self._terms = terms
        self._register = register
        self._private = private
        self._runs: dict[bytes, AESGCM] = {}

    def open(self, value: bytes, key: bytes | None) -> Opened:
        """The payload of the record `value` under message key `key`; raises `EnvelopeError`."""
        envelope = take_apart(value)
        self._check_place(envelope, key)
        aead = self._content(envelope)
        try:
            padded = aead.decrypt(envelope.nonce, envelope.sealed, envelope.signed.binding() + envelope.told)
        except (InvalidTag, ValueError):
            raise EnvelopeError(EnvelopeCode.ALTERED) from None
        payload = unpad(padded)
        if payload is None:
            raise EnvelopeError(EnvelopeCode.ALTERED)
        return Opened(envelope.head, payload)

    def _check_place(self, envelope: Envelope, key: bytes | None) -> None:
        run, head = envelope.signed.run, envelope.head
        code = _departure(run.terms, self._terms)
        if code is not None:
            raise EnvelopeError(code)
        if head.key.encode() != key:
            raise EnvelopeError(EnvelopeCode.MESSAGE_KEY)
        if not run.first <= head.number <= run.last:
            raise EnvelopeError(EnvelopeCode.RANGE)

    def _content(self, envelope: Envelope) -> AESGCM:
        run = envelope.signed.run
        sender, recipient = self._keys(run, envelope.head.number)
        name = envelope.signed.binding()
        known = self._runs.get(name)
        if known is None:
            known = AESGCM(self._unwrap(envelope.signed, sender, recipient))
            if len(self._runs) >= RUNS_KEPT:
                del self._runs[next(iter(self._runs))]
            self._runs[name] = known
        return known

    def _keys(self, run: Run, number: int) -> tuple[PublicKey, PublicKey]:
        register = self._register()
        sender, recipient = register.keys.get(run.sender_key), register.keys.get(run.recipient_key)
        if sender is None or sender.seals or sender.principal != self._terms.sender:
            raise EnvelopeError(EnvelopeCode.KEY_UNKNOWN)
        if recipient is None or not recipient.seals or recipient.principal != self._terms.recipient:
            raise EnvelopeError(EnvelopeCode.KEY_UNKNOWN)
        if recipient.state is KeyState.DESTROYED:
            raise EnvelopeError(EnvelopeCode.KEY_UNKNOWN)
        where = (self._terms.topic, self._terms.municipality, number)
        if not sender.good_for(*where) or not recipient.good_for(*where):
            raise EnvelopeError(EnvelopeCode.KEY_RETIRED)
        if recipient.algorithm is not run.suite:
            raise EnvelopeError(EnvelopeCode.SUITE)
        return sender, recipient

    def _unwrap(self, signed: SignedRun, sender: PublicKey, recipient: PublicKey) -> bytes:
        try:
            sender.verifier().verify(signed.signature, signed_bytes(signed.raw))
        except InvalidSignature:
            raise EnvelopeError(EnvelopeCode.SIGNATURE) from None
        private = self._private(recipient)
        if private is None:
            raise EnvelopeError(EnvelopeCode.KEY_UNKNOWN)
        return _content_key(signed.run, private)


def _content_key(run: Run, private: SealPrivate) -> bytes:
    try:
        wrapped = run.wrapped_bytes()
    except ValueError:
        raise EnvelopeError(EnvelopeCode.WRAPPED_KEY) from None
    content_key = unwrap(Algorithm(run.suite), private, wrapped, wrap_info(run))
    if content_key is None:
        raise EnvelopeError(EnvelopeCode.WRAPPED_KEY)
    return content_key


_EXACT = (
    ("sender", EnvelopeCode.SENDER),
    ("recipient", EnvelopeCode.RECIPIENT),
    ("topic", EnvelopeCode.TOPIC),
    ("municipality", EnvelopeCode.MUNICIPALITY),
    ("generation", EnvelopeCode.GENERATION),
    ("content", EnvelopeCode.CONTENT),
    ("basis", EnvelopeCode.BASIS),
)


def _departure(told: Terms, accepted: Terms) -> EnvelopeCode | None:
    """In what the run's terms are not the ones accepted here."""
    for name, code in _EXACT:
        if getattr(told, name) != getattr(accepted, name):
            return code
    return None if set(told.items) <= set(accepted.items) else EnvelopeCode.ITEMS
