"""Sealing and opening as the parties of a test's deployment would."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache

from infra.check.segments import segments, stored_records
from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from topics.catalogue import HUB
from topics.declared import declared_by_recipient
from topics.envelope.opening import EnvelopeError, Opener
from topics.envelope.places import delivery_terms
from topics.envelope.run import Head, Terms
from topics.envelope.sealing import Sealer
from topics.messages.delivery import Delivery


def sealed_as(settings: Settings, terms: Terms, key: str, number: int, payload: bytes, *, sequence: int = 1) -> bytes:
    """One record's envelope, of a run of its own."""
    sealer = Sealer(terms, KeyRing(settings).between(terms.sender, terms.recipient))
    return sealer.seal(Head(key=key, event_id=f"synthetic-{number}", number=number, sequence=sequence), payload)


def opened_as(settings: Settings, terms: Terms, key: bytes | None, value: bytes | None) -> bytes:
    """What the terms' recipient finds in a record; raises `EnvelopeError`."""
    ring = KeyRing(settings)
    return Opener(terms, ring.register, ring.private).open(value or b"", key).payload


def opened_records(settings: Settings, terms: Terms) -> Iterator[bytes]:
    """What is in each record of a place, in order, read off the brokers' disks; what does not open is passed over."""
    ring = KeyRing(settings)
    opener = Opener(terms, ring.register, ring.private)
    for file in segments(settings.state_directory, terms.topic):
        for record in stored_records(file.read_bytes()):
            with suppress(EnvelopeError):
                yield opener.open(record.value, record.key).payload


def sealed(settings: Settings, delivery: Delivery) -> bytes:
    """The delivery's envelope; the same delivery is the same bytes whenever it is sent."""
    return _sealed(settings, delivery.recipient, delivery.municipality, delivery.number, delivery.to_wire())


@cache
def _sealed(settings: Settings, recipient: str, municipality: str, number: int, payload: bytes) -> bytes:
    delivery = Delivery.from_wire(payload)
    head = Head(key=delivery.subject, event_id=f"{recipient}-{number}", number=number, sequence=delivery.sequence)
    return _sealer(settings, recipient, municipality).seal(head, payload)


@cache
def _sealer(settings: Settings, recipient: str, municipality: str) -> Sealer:
    terms = delivery_terms(settings.environment, declared_by_recipient()[recipient], municipality)
    return Sealer(terms, KeyRing(settings).between(HUB, recipient))
