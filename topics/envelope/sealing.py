"""Sealing: a payload goes into an envelope that its one recipient can open, and nobody else."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from topics.envelope.keys import PublicKey
from topics.envelope.padding import pad
from topics.envelope.run import (
    CONTENT_KEY_BYTES,
    LENGTH_BYTES,
    NONCE_BYTES,
    RUN_RECORDS,
    Head,
    Run,
    SignedRun,
    Terms,
    wrap_info,
    wrapped_text,
)
from topics.envelope.suites import wrap


@dataclass(frozen=True, slots=True)
class Signer:
    """The sender's signing key and its name."""

    key_id: str
    private: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Keys:
    """With which keys a run is made: the sender's own, and the recipient's public one."""

    signer: Signer
    recipient: PublicKey


@dataclass(frozen=True)
class OpenRun:
    """A run that can still take records, since its content key is at hand."""

    signed: SignedRun
    content_key: bytes

    @cached_property
    def _aead(self) -> AESGCM:
        return AESGCM(self.content_key)

    @cached_property
    def _prefix(self) -> bytes:
        return self.signed.prefix()

    @cached_property
    def _binding(self) -> bytes:
        return self.signed.binding()

    def takes(self, number: int, terms: Terms, keys: Keys) -> bool:
        """Whether the record of this number belongs in it, under the present terms and keys."""
        run = self.signed.run
        names = (run.sender_key, run.recipient_key)
        return (
            run.first <= number <= run.last
            and names == (keys.signer.key_id, keys.recipient.key_id)
            and run.terms == terms
        )

    def seal(self, head: Head, payload: bytes) -> bytes:
        """The envelope."""
        nonce, told = os.urandom(NONCE_BYTES), head.to_wire()
        sealed = self._aead.encrypt(nonce, pad(payload), self._binding + told)
        return b"".join((self._prefix, len(told).to_bytes(LENGTH_BYTES, "big"), told, nonce, sealed))


def start_run(terms: Terms, keys: Keys, number: int) -> OpenRun:
    """A new run from `number` to the next multiple of `RUN_RECORDS`: where runs end depends on numbers alone."""
    run = Run(
        terms=terms,
        suite=keys.recipient.algorithm,
        sender_key=keys.signer.key_id,
        recipient_key=keys.recipient.key_id,
        first=number,
        last=number + (-number % RUN_RECORDS),
        wrapped="",
    )
    content_key = os.urandom(CONTENT_KEY_BYTES)
    wrapped = wrap(run.suite, keys.recipient.sealer(), content_key, wrap_info(run))
    whole = run.model_copy(update={"wrapped": wrapped_text(wrapped)})
    return OpenRun(SignedRun.sign(whole, keys.signer.private), content_key)


class Sealer:
    """Seals one place's records in number order, a new run wherever one is due; `started` are those it began."""

    def __init__(self, terms: Terms, keys: Callable[[], Keys], run: OpenRun | None = None) -> None:
        self._terms = terms
        self._keys = keys
        self._run = run
        self.started: list[OpenRun] = []

    def seal(self, head: Head, payload: bytes) -> bytes:
        """The envelope of one record."""
        keys = self._keys()
        run = self._run
        if run is None or not run.takes(head.number, self._terms, keys):
            run = start_run(self._terms, keys, head.number)
            self._run = run
            self.started.append(run)
        return run.seal(head, payload)
