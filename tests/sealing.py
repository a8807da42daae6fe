"""Deliveries as the hub seals them: the same delivery is the same bytes whenever it is sent."""

from functools import cache

from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from topics.catalogue import HUB
from topics.declared import declared_by_recipient
from topics.envelope.places import delivery_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.messages.delivery import Delivery


def sealed(settings: Settings, delivery: Delivery) -> bytes:
    """The delivery's envelope."""
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
