"""What lies on the brokers' disks, against every key that lies on a machine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.check.segments import segments, stored_records
from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from topics.envelope.opening import Envelope, take_apart
from topics.envelope.padding import unpad
from topics.envelope.run import wrap_info
from topics.envelope.suites import Algorithm, SealPrivate, unwrap

Privates = Sequence[tuple[Algorithm, SealPrivate]]


@dataclass(frozen=True, slots=True)
class Lying:
    """One record's envelope as it lies in a segment."""

    envelope: Envelope

    @property
    def place(self) -> tuple[str, str]:
        """Topic and municipality."""
        terms = self.envelope.signed.run.terms
        return terms.topic, terms.municipality

    def opened_with(self, privates: Privates) -> bytes | None:
        """What any of the private keys finds in it, whatever the record or a register says whose it is."""
        run = self.envelope.signed.run
        for algorithm, private in privates:
            if algorithm is run.suite:
                content_key = unwrap(algorithm, private, run.wrapped_bytes(), wrap_info(run))
                if content_key is not None:
                    return _content(self.envelope, content_key)
        return None


def _content(envelope: Envelope, content_key: bytes) -> bytes | None:
    bound = envelope.signed.binding() + envelope.told
    try:
        return unpad(AESGCM(content_key).decrypt(envelope.nonce, envelope.sealed, bound))
    except InvalidTag:
        return None


def lying(settings: Settings, topic: str) -> Iterator[Lying]:
    """Every record in the decompressed segments of a topic."""
    for file in segments(settings.state_directory, topic):
        for record in stored_records(file.read_bytes()):
            yield Lying(take_apart(record.value))


def privates_here(settings: Settings, principal: str | None = None) -> Privates:
    """Every private seal key that lies on the machine; or those alone that would lie on the principal's own."""
    ring = KeyRing(settings)
    lines = [line for line in ring.register().keys.values() if line.seals and principal in (None, line.principal)]
    found = ((line.algorithm, ring.private(line)) for line in lines)
    return [(algorithm, private) for algorithm, private in found if private is not None]
