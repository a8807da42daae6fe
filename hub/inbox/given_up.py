"""What a party gave up (破棄・再提供): discards are entered in the ledger, and those concerned are told anew.

All in the transaction that takes the message in: a worker that dies has either done it or will do it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from hub.disclosure import disclose
from hub.inbox.received import Received
from hub.lane import Lane
from hub.ledger.entries import discarded
from hub.ledger.writing import Ledger, open_ledger
from hub.router.intake import Unreadable
from hub.router.state import Image
from hub.store import SQL, read_followed, read_images, read_numbers
from hub.windows.waiting import put_aside
from infra.runtime.postgres import Connection
from topics.grant import Grant
from topics.ledger.entry import EntryKind
from topics.messages.change import RecordState
from topics.messages.inbound import Discard, Redelivery

UNKNOWN = "HUB-GIVEN-UP-UNKNOWN"

GivenUp = Discard | Redelivery
Concerned = Mapping[int, str]
"""Whom deliveries concern (addressee numbers), by delivery number."""


async def take_given_up(
    connection: Connection, lane: Lane, grant: Grant, received: Sequence[Received]
) -> list[Unreadable]:
    """Enter discards and tell anew whom they and redeliveries concern; returns what names deliveries that were never
    sent. The head must be locked."""
    told = [(each, each.message) for each in received if isinstance(each.message, GivenUp)]
    if not told:
        return []
    concerned = await _concerned(connection, grant.recipient, [message for _, message in told])
    known = [_is_known(message, residents) for (_, message), residents in zip(told, concerned, strict=True)]
    good = [(message, of) for (_, message), of, is_known in zip(told, concerned, known, strict=True) if is_known]
    ledger = await open_ledger(connection, lane.settings.environment, lane.municipality)
    for message, residents in good:
        _enter(ledger, message, residents)
    await ledger.save(connection)
    present = [of for message, of in good if message.generation == grant.generation]
    await _tell_anew(connection, lane, grant, sorted({resident for of in present for resident in of.values()}))
    return [Unreadable(each.record, UNKNOWN) for (each, _), is_known in zip(told, known, strict=True) if not is_known]


async def _concerned(connection: Connection, party: str, messages: Sequence[GivenUp]) -> list[Concerned]:
    """Whom the deliveries of each message concern, as far as they were sent."""
    spans = [(message.generation, message.first or 0, message.last or 0) for message in messages]
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for row in await connection.fetch(SQL["concerned"], party, *(list(column) for column in zip(*spans, strict=True))):
        found[row["place"]][row["number"]] = row["addressee_number"]
    return [found[place] for place in range(len(messages))]


def _is_known(message: GivenUp, residents: Concerned) -> bool:
    if message.first is None or message.last is None:
        return True
    return len(residents) == message.last - message.first + 1


def _enter(ledger: Ledger, message: GivenUp, residents: Concerned) -> None:
    if not isinstance(message, Discard):
        return
    if message.offset is not None:
        ledger.enter(EntryKind.DISCARD, discarded(message, None))
    for number, resident in residents.items():
        ledger.enter(EntryKind.DISCARD, discarded(message, number), resident)


async def _tell_anew(connection: Connection, lane: Lane, grant: Grant, residents: Collection[str]) -> None:
    """Each one's present state, whatever the recipient was last sent."""
    routing = await lane.routing(connection, [grant])
    if not residents or not routing.last_numbers:
        return
    await connection.execute(SQL["forget_told"], grant.recipient, grant.generation, list(residents))
    await read_followed(connection, routing, list(residents))
    images = {image.addressee_number: image for image in await read_images(connection, list(residents))}
    if grant.numbers.my_number or grant.numbers.resident_code:
        records = [image.record for image in images.values() if image.record is not None]
        routing.numbers = await read_numbers(lane.numbers_pool, lane.number_cipher, records)
    for resident in residents:
        routing.tell_anew(grant, images.get(resident) or Image(resident, 0, RecordState.ABSENT, None))
    await put_aside(connection, routing)
    await disclose(connection, lane, routing)
