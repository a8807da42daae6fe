"""An institution asks (情報照会): its questions go out sealed, and it waits for the answers to just these."""

import asyncio
import secrets
import time
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from infra.runtime.kafka import consumer, producer
from infra.runtime.key_ring import KeyRing
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.catalogue import answer_topic, group, inquiry_topic
from topics.envelope.opening import EnvelopeError, Opener
from topics.envelope.places import answer_terms, inquiry_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.guarded import LinkCode
from topics.institutions import INTERMEDIATE
from topics.messages.inquiry import Answer, Inquiry
from topics.partitions import partition_of

POLL_MILLISECONDS = 200


def new_inquiry(institution: str, municipality: str, purpose: str, items: Sequence[int], code: LinkCode) -> Inquiry:
    """A question that was never asked."""
    return Inquiry(
        institution=institution,
        municipality=municipality,
        inquiry_id=secrets.token_hex(16),
        purpose=purpose,
        code=code,
        items=tuple(items),
    )


async def ask(settings: Settings, ring: KeyRing, inquiries: Sequence[Inquiry], *, seconds: float) -> dict[str, Answer]:
    """The answers to `inquiries`, all of one institution and municipality, by inquiry id.

    Raises `Refusal` when not all have come in time; an institution asks again with a new id.
    """
    institution, municipality = inquiries[0].institution, inquiries[0].municipality
    inbox = Inbox(settings, ring, institution, municipality)
    await inbox.start()
    try:
        await inbox.joined(seconds)
        await send(settings, seal(settings, ring, inquiries), institution, municipality)
        return await inbox.answers({each.inquiry_id for each in inquiries}, seconds)
    finally:
        await inbox.stop()


def seal(settings: Settings, ring: KeyRing, inquiries: Sequence[Inquiry]) -> list[bytes]:
    """The envelopes of `inquiries`, to the intermediate server."""
    institution, municipality = inquiries[0].institution, inquiries[0].municipality
    terms = inquiry_terms(settings.environment, institution, municipality)
    sealer = Sealer(terms, ring.between(institution, INTERMEDIATE))
    heads = [
        Head(key=municipality, event_id=each.inquiry_id, number=number, sequence=number)
        for number, each in enumerate(inquiries, start=1)
    ]
    return [sealer.seal(head, each.to_wire()) for head, each in zip(heads, inquiries, strict=True)]


async def send(settings: Settings, values: Sequence[bytes], institution: str, municipality: str) -> None:
    """Write envelopes to the institution's topic, as the institution."""
    link = producer(settings, institution)
    await link.start()
    try:
        topic, key = inquiry_topic(settings.environment, institution), municipality.encode("ascii")
        sent = [await link.send(topic, value, key=key, partition=partition_of(municipality)) for value in values]
        await asyncio.gather(*sent)
    finally:
        await link.stop()


class Inbox(ConsumerRebalanceListener):  # type: ignore[misc]
    """The institution's answers from now on."""

    def __init__(self, settings: Settings, ring: KeyRing, institution: str, municipality: str) -> None:
        self._topic = answer_topic(settings.environment, institution)
        self._place = TopicPartition(self._topic, partition_of(municipality))
        terms = answer_terms(settings.environment, institution, municipality)
        self._opener = Opener(terms, ring.register, ring.private)
        name = group(settings.environment, institution)
        self._consumer: AIOKafkaConsumer = consumer(settings, institution, name)
        self._ready = asyncio.Event()

    async def start(self) -> None:
        """Join the institution's group."""
        await self._consumer.start()
        self._consumer.subscribe([self._topic], listener=self)

    async def stop(self) -> None:
        """Leave it."""
        await self._consumer.stop()

    async def joined(self, seconds: float) -> None:
        """Return once its answers would be heard."""
        try:
            await asyncio.wait_for(self._ready.wait(), seconds)
        except TimeoutError:
            raise Refusal("INQUIRY-NOT-JOINED", f"{self._topic} was not given to read; does it exist?") from None

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing is kept."""

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Hear what comes from now on."""
        ends = await self._consumer.end_offsets(list(assigned))
        for place, end in ends.items():
            self._consumer.seek(place, end)
            if place == self._place:
                self._ready.set()

    async def answers(self, ids: set[str], seconds: float) -> dict[str, Answer]:
        """The answers to these; raises `Refusal` when not all have come in time."""
        found: dict[str, Answer] = {}
        deadline = time.monotonic() + seconds
        while len(found) < len(ids):
            if time.monotonic() > deadline:
                missing = len(ids) - len(found)
                raise Refusal("INQUIRY-NO-ANSWER", f"{missing} inquiries were not answered in time; ask again")
            batches = await self._consumer.getmany(self._place, timeout_ms=POLL_MILLISECONDS)
            read = [self._read(record.value, record.key) for records in batches.values() for record in records]
            found |= {answer.inquiry_id: answer for answer in read if answer.inquiry_id in ids}
        return found

    def _read(self, value: bytes | None, key: bytes | None) -> Answer:
        try:
            return Answer.from_wire(self._opener.open(value or b"", key).payload)
        except EnvelopeError as refused:
            raise Refusal(refused.code, f"a record on {self._topic} is no answer of the intermediate server") from None
