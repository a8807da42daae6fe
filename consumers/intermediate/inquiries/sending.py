"""Answers to ``answer.<institution>.v1``, in number order, kept until the broker has confirmed them."""

import asyncio

from aiokafka import AIOKafkaProducer

from consumers.intermediate.inquiries.lane import SQL, InquiryLane
from topics.envelope.run import Head

BATCH_ANSWERS = 1000


async def send_answers(link: AIOKafkaProducer, lane: InquiryLane) -> None:
    """Send all that waits. An answer is sent again when the process dies between confirmation and deletion: the same
    number and words, and the institution takes it once."""
    whose = (lane.municipality, lane.institution)
    while rows := await lane.pool.fetch(SQL["unsent"], *whose, BATCH_ANSWERS):
        values = [_sealed(lane, row["number"], row["message"]) for row in rows]
        key = lane.municipality.encode("ascii")
        sent = [await link.send(lane.answers, value, key=key, partition=lane.partition) for value in values]
        await asyncio.gather(*sent)
        await lane.pool.execute(SQL["confirmed"], *whose, rows[-1]["number"])


def _sealed(lane: InquiryLane, number: int, message: bytes) -> bytes:
    event_id = f"{lane.institution}-{lane.municipality}-{number}"
    return lane.sealer.seal(Head(key=lane.municipality, event_id=event_id, number=number, sequence=number), message)
