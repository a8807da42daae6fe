"""Settles what a party sent (acknowledgements, interests, resend requests, refusals, discards), a fetch at once."""

from collections.abc import Sequence

from aiokafka import ConsumerRecord

from hub.disclosure import disclose
from hub.inbox.acknowledgements import acknowledge
from hub.inbox.given_up import take_given_up
from hub.inbox.received import Received
from hub.lane import Lane
from hub.returns.keeping import keep_for_register
from hub.router.intake import FOREIGN, HEAD, UNREADABLE, Unreadable, park
from hub.store import SQL, lock_head, read_followed, read_images, read_numbers
from hub.windows.waiting import put_aside
from infra.runtime.failures import failure_class
from infra.runtime.log import Logger
from infra.runtime.postgres import Connection
from topics.envelope.opening import EnvelopeError, Opener
from topics.grant import Grant
from topics.messages.inbound import Interest, ResendRequest, read_inbound

NOT_GRANTED = "HUB-MESSAGE-NOT-GRANTED"


async def settle(lane: Lane, topic: str, grant: Grant, records: Sequence[ConsumerRecord], log: Logger) -> int:
    """Apply one fetch of a party's messages; returns the next offset. Raises `FencedError`; nothing is written then."""
    opener = lane.inbound_opener(grant.recipient)
    judged = [read(record, opener, lane.municipality, grant.recipient) for record in records]
    async with lane.pool.acquire() as connection, connection.transaction():
        await lock_head(connection, lane.epoch)
        fresh = await _fresh(connection, grant.recipient, [each for each in judged if isinstance(each, Received)], log)
        refused = [Unreadable(each.record, NOT_GRANTED) for each in fresh if not grant.admits(each.message.type)]
        refused += await acknowledge(connection, lane, grant, fresh)
        refused += await keep_for_register(connection, lane, grant, _without(fresh, refused))
        refused += await take_given_up(connection, lane, grant, _without(fresh, refused))
        fresh = _without(fresh, refused)
        for unreadable in (*(each for each in judged if isinstance(each, Unreadable)), *refused):
            failure = failure_class(unreadable.code).value
            log.error("a party's record is parked", code=unreadable.code, failure=failure, party=grant.recipient)
            await park(connection, lane, topic, unreadable)
        messages = [each.message for each in fresh]
        for request in (each for each in messages if isinstance(each, ResendRequest)):
            span = (request.party, request.generation, request.first, request.last)
            await connection.execute(SQL["ask_again"], *span)
        await _apply_interests(connection, lane, grant, [each for each in messages if isinstance(each, Interest)])
        next_offset: int = records[-1].offset + 1
        await connection.execute(SQL["advance_offset"], topic, next_offset)
    lane.wake.ring()
    return next_offset


def read(record: ConsumerRecord, opener: Opener, municipality: str, party: str) -> Received | Unreadable:
    """The message in a record of the party's own topic, or why it must be parked."""
    try:
        opened = opener.open(record.value or b"", record.key)
        message = read_inbound(opened.payload)
    except EnvelopeError as refused:
        return Unreadable(record, refused.code)
    except ValueError:
        return Unreadable(record, UNREADABLE)
    if opened.head.number != message.number:
        return Unreadable(record, HEAD)
    ours = (message.party, message.municipality) == (party, municipality)
    return Received(record, message) if ours else Unreadable(record, FOREIGN)


def _without(received: Sequence[Received], refused: Sequence[Unreadable]) -> list[Received]:
    gone = {unreadable.record.offset for unreadable in refused}
    return [each for each in received if each.record.offset not in gone]


async def _fresh(connection: Connection, party: str, received: Sequence[Received], log: Logger) -> list[Received]:
    """The messages not seen before; an omission is told and does not stop the party."""
    expected = await connection.fetchval(SQL["expected_message"], party)
    fresh = []
    for each in received:
        number = each.message.number
        if number < expected:
            continue
        if number > expected:
            log.error("a party's messages are missing", code="HUB-INBOX-GAP", party=party, first=expected)
        fresh.append(each)
        expected = number + 1
    await connection.execute(SQL["advance_message"], party, expected)
    return fresh


async def _apply_interests(connection: Connection, lane: Lane, grant: Grant, interests: Sequence[Interest]) -> None:
    """Place and remove in the order sent; whoever is known gets a snapshot or a tombstone at once."""
    if not interests or grant.population != "interest":
        return
    residents = sorted({interest.addressee_number for interest in interests})
    routing = await lane.routing(connection, [grant])
    if not routing.last_numbers:
        return
    await read_followed(connection, routing, residents)
    images = {image.addressee_number: image for image in await read_images(connection, residents)}
    if grant.numbers.my_number or grant.numbers.resident_code:
        records = [image.record for image in images.values() if image.record is not None]
        routing.numbers = await read_numbers(lane.numbers_pool, lane.number_cipher, records)
    for interest in interests:
        place = (grant.recipient, interest.addressee_number)
        image = images.get(interest.addressee_number)
        if interest.action == "remove":
            routing.interested.discard(place)
            routing.leave(grant, interest.addressee_number)
        else:
            routing.interested.add(place)
            if image is not None:
                routing.enter(grant, image)
    kept = {resident for _, resident in routing.interested}
    await connection.execute(SQL["place_interests"], grant.recipient, sorted(kept))
    await connection.execute(SQL["remove_interests"], grant.recipient, sorted(set(residents) - kept))
    await put_aside(connection, routing)
    await disclose(connection, lane, routing)
