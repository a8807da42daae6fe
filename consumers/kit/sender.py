"""The sender: outbox rows to ``in.<party>.v1``, in number order, kept until the broker has confirmed them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer

from consumers.kit.faults import TRANSIENT
from consumers.kit.lane import Lane
from consumers.kit.outbox import outbox_cipher, outbox_row
from infra.runtime.backoff import Backoff
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.edges import Edges
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import load_key
from infra.runtime.queries import load_queries
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from topics.catalogue import HUB, in_topic
from topics.envelope.places import inbound_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Keys, Sealer

_SQL = load_queries("consumers.kit", "queries.sql")
POLL_SECONDS = 0.2
BATCH_MESSAGES = 1000


async def send_outbox(
    settings: Settings,
    party: str,
    ring: KeyRing,
    owned: Callable[[], Sequence[Lane]],
    wake: asyncio.Event,
    stop: Stop,
    edges: Edges,
) -> None:
    """Send what `owned` lanes have for the hub until `stop`; after a fault a new producer starts at the lowest unsent.

    A message may be sent twice when the process dies between confirmation and deletion; the hub drops it by number.
    """
    log = structlog.get_logger().bind(party=party)
    backoff, keys = Backoff(edges.random.random), ring.between(party, HUB)
    cipher = outbox_cipher(load_key(settings, party))
    while not stop.is_set():
        link, sealers = edges.producer(settings, party), Sealers(settings.environment, party, keys)
        try:
            await link.start()
            while not stop.is_set():
                sent = [await _send(link, sealers, lane, cipher) for lane in owned()]
                backoff.reset()
                if not any(sent):
                    await _woken(wake)
        except TRANSIENT as error:
            log.warning("waiting out a fault", code="KIT-FAULT", error=error)
            await backoff.wait(stop)
        finally:
            await link.stop()


class Sealers:
    """One sealer for each lane that this process has held."""

    def __init__(self, environment: str, party: str, keys: Callable[[], Keys]) -> None:
        self.topic = in_topic(environment, party)
        self._environment = environment
        self._party = party
        self._keys = keys
        self._of: dict[str, Sealer] = {}

    def seal(self, municipality: str, number: int, message: bytes) -> bytes:
        """The envelope of one message to the hub."""
        if municipality not in self._of:
            terms = inbound_terms(self._environment, self._party, municipality)
            self._of[municipality] = Sealer(terms, self._keys)
        event_id = f"{self._party}-{municipality}-{number}"
        head = Head(key=municipality, event_id=event_id, number=number, sequence=number)
        return self._of[municipality].seal(head, message)


async def _send(link: AIOKafkaProducer, sealers: Sealers, lane: Lane, cipher: ColumnCipher) -> int:
    city = lane.municipality
    rows = await lane.pool.fetch(_SQL["unsent"], city, BATCH_MESSAGES)
    if rows:
        values = [sealers.seal(city, row["number"], _message(city, row, cipher)) for row in rows]
        headers = [list(lane.traces.header(row["traceparent"])) for row in rows]
        sent = [
            await link.send(sealers.topic, value, key=city.encode("ascii"), partition=lane.partition, headers=told)
            for value, told in zip(values, headers, strict=True)
        ]
        await asyncio.gather(*sent)
        await lane.pool.execute(_SQL["confirmed"], lane.municipality, rows[-1]["number"])
    return len(rows)


def _message(municipality: str, row: Any, cipher: ColumnCipher) -> bytes:
    sealed: bytes | None = row["sealed_message"]
    return row["message"] if sealed is None else cipher.open(outbox_row(municipality, row["number"]), sealed)


async def _woken(wake: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(wake.wait(), POLL_SECONDS)
    except TimeoutError:
        return
    wake.clear()
