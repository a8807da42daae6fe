"""The edges of a process: brokers, databases, keys, and chance. A simulation puts its own in their place."""

import secrets
from random import Random
from typing import Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from infra.runtime import kafka, postgres
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import Pool
from infra.runtime.settings import Settings


class Edges(Protocol):
    """What a process needs of the outside; everything else about it is its own."""

    @property
    def random(self) -> Random:
        """Chance, where an order is left to it; secrets are not made of it."""
        ...

    def consumer(self, settings: Settings, principal: str, group: str) -> AIOKafkaConsumer:
        """A consumer without automatic commit, not yet started or subscribed."""
        ...

    def producer(self, settings: Settings, principal: str) -> AIOKafkaProducer:
        """An idempotent producer, not yet started."""
        ...

    async def open_pool(
        self, settings: Settings, database: str, *, role: str, principal: str, connections: int | None = None
    ) -> Pool:
        """A pool of connections as one role to one database; raises `Refusal`."""
        ...

    def key_ring(self, settings: Settings) -> KeyRing:
        """The key register and the private keys that lie here."""
        ...


class _Real:
    """Kafka, PostgreSQL, keys on this machine's disk, and what nobody can foretell."""

    random: Random = secrets.SystemRandom()
    consumer = staticmethod(kafka.consumer)
    producer = staticmethod(kafka.producer)
    open_pool = staticmethod(postgres.open_pool)
    key_ring = staticmethod(KeyRing)


REAL: Edges = _Real()
