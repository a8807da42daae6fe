"""Acknowledgements (受領通知): evidence under the recipient's signature, checked before it enters the ledger."""

from collections.abc import Sequence
from enum import StrEnum

from cryptography.exceptions import InvalidSignature

from hub.inbox.received import Received
from hub.lane import Lane
from hub.ledger.entries import acknowledged
from hub.ledger.writing import open_ledger
from hub.router.intake import Unreadable
from hub.store import SQL
from infra.runtime.postgres import Connection
from topics.catalogue import in_topic
from topics.envelope.keys import KeyRegister, PublicKey
from topics.grant import Grant
from topics.ledger.entry import EntryKind
from topics.messages.inbound import Acknowledgement


class AcknowledgementCode(StrEnum):
    """Why an acknowledgement is not believed."""

    KEY = "HUB-ACKNOWLEDGEMENT-KEY"
    SIGNATURE = "HUB-ACKNOWLEDGEMENT-SIGNATURE"
    DIGEST = "HUB-ACKNOWLEDGEMENT-DIGEST"


async def acknowledge(
    connection: Connection, lane: Lane, grant: Grant, received: Sequence[Received]
) -> list[Unreadable]:
    """Count and enter what is acknowledged among `received`; returns what is not believed. The head must be locked."""
    told = [(each, each.message) for each in received if isinstance(each.message, Acknowledgement)]
    if not told:
        return []
    topic, register = in_topic(lane.settings.environment, grant.recipient), lane.ring.register()
    digests = await _digests(connection, grant.recipient, [message for _, message in told])
    ledger = await open_ledger(connection, lane.settings.environment, lane.municipality)
    refused = []
    for (each, message), digest in zip(told, digests, strict=True):
        code = amiss(message, register, topic, digest)
        if code is not None:
            refused.append(Unreadable(each.record, code))
            continue
        span = (message.party, message.generation, message.first, message.last)
        await connection.execute(SQL["acknowledge"], *span, message.outcome)
        ledger.enter(EntryKind.ACKNOWLEDGE, acknowledged(message))
    await ledger.save(connection)
    return refused


def amiss(
    message: Acknowledgement, register: KeyRegister, topic: str, digest: str | None
) -> AcknowledgementCode | None:
    """What is wrong with an acknowledgement on `topic`; `digest` is the one of the deliveries it names."""
    key = register.keys.get(message.key_id)
    if key is None or not _may_sign(key, message, topic):
        return AcknowledgementCode.KEY
    try:
        key.verifier().verify(bytes.fromhex(message.signature), message.statement())
    except InvalidSignature:
        return AcknowledgementCode.SIGNATURE
    return None if message.digest == digest else AcknowledgementCode.DIGEST


def _may_sign(key: PublicKey, message: Acknowledgement, topic: str) -> bool:
    ours = key.principal == message.party and not key.seals
    return ours and key.good_for(topic, message.municipality, message.number)


async def _digests(connection: Connection, party: str, messages: Sequence[Acknowledgement]) -> list[str | None]:
    """The digest over the deliveries of each message, None where it names none."""
    spans = [(message.generation, message.first, message.last) for message in messages]
    rows = await connection.fetch(
        SQL["digests_of_spans"], party, *(list(column) for column in zip(*spans, strict=True))
    )
    found = {row["place"]: row["digest"] for row in rows}
    return [found.get(place) for place in range(len(messages))]
