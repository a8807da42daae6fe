"""Takes changes off the topic: doubles dropped, gaps held, whole filings only; then one transaction for the batch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiokafka import ConsumerRecord
from pydantic_core import from_json

from hub.disclosure import NO_CAUSES, Causes, disclose
from hub.lane import Lane
from hub.protection.store import read_holders, save_protections
from hub.router.former_code import with_former_code
from hub.router.protecting import never_protected, protect
from hub.router.routing import Routing
from hub.router.state import Image, Occasion, Record
from hub.store import (
    SQL,
    lock_head,
    read_codes,
    read_earlier_sequences,
    read_followed,
    read_images,
    read_numbers,
    save_images,
)
from hub.windows.waiting import put_aside
from infra.runtime.postgres import Connection
from infra.runtime.tracing import OFF, traceparent_in
from topics.envelope.opening import EnvelopeError, Opener
from topics.grant import Grant
from topics.messages.change import HEAD_SEQUENCE, Change, Event, ProtectionStep, RecordState, Retelling, read_event

UNREADABLE = "HUB-UNREADABLE"
HEAD = "HUB-HEAD-IS-NOT-THE-CONTENT"
FOREIGN = "HUB-FOREIGN-MUNICIPALITY"


class PositionGapError(Exception):
    """A position is missing; the lane waits, since what follows may depend on it."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"position {expected} is missing")
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Arrived:
    """A readable event with the record in which it came; of a change, its after-image as plain data."""

    offset: int
    event: Event
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is not an event of this municipality: it is parked, and the lane goes on."""

    record: ConsumerRecord
    code: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What of a fetch can be settled now: whole groups, what is parked, and the offset and position after them."""

    groups: tuple[tuple[Arrived, ...], ...]
    unreadable: tuple[Unreadable, ...]
    next_offset: int
    next_position: int


def read(record: ConsumerRecord, opener: Opener, municipality: str) -> Arrived | Unreadable:
    """Open and read one record, or tell why it cannot be one of ours."""
    try:
        opened = opener.open(record.value or b"", record.key)
        event = read_event(opened.payload)
        after = from_json(opened.payload).get("after")
    except EnvelopeError as refused:
        return Unreadable(record, refused.code)
    except ValueError:
        return Unreadable(record, UNREADABLE)
    if (opened.head.number, opened.head.sequence) != (event.position, HEAD_SEQUENCE):
        return Unreadable(record, HEAD)
    return Arrived(record.offset, event, after) if event.municipality == municipality else Unreadable(record, FOREIGN)


def take(
    records: Sequence[ConsumerRecord], read_one: Callable[[ConsumerRecord], Arrived | Unreadable], next_position: int
) -> Intake:
    """Sort one fetch; raises `PositionGapError`. A filing whose end is not here yet stays for the next fetch."""
    groups: list[tuple[Arrived, ...]] = []
    unreadable: list[Unreadable] = []
    pending: list[Arrived] = []
    offset = records[0].offset
    parked_until = 0
    for arrived in map(read_one, records):
        if isinstance(arrived, Unreadable):
            unreadable.append(arrived)
            if not pending:
                offset, parked_until = arrived.record.offset + 1, len(unreadable)
            continue
        expected = next_position + len(pending)
        if arrived.event.position > expected:
            if pending or groups:
                break
            raise PositionGapError(expected, arrived.event.position)
        if arrived.event.position == expected:
            pending.append(arrived)
        if pending and pending[-1].event.group.index == pending[-1].event.group.count:
            groups.append(tuple(pending))
            next_position += len(pending)
            pending = []
        if not pending:
            offset, parked_until = arrived.offset + 1, len(unreadable)
    return Intake(tuple(groups), tuple(unreadable[:parked_until]), offset, next_position)


async def settle(lane: Lane, topic: str, records: Sequence[ConsumerRecord]) -> int:
    """Route one fetch in one transaction; returns the next offset. Raises `FencedError`, `PositionGapError` and
    `NumberMissingError`; nothing is written then."""
    async with lane.pool.acquire() as connection, connection.transaction():
        next_position = await lock_head(connection, lane.epoch)
        intake = take(records, partial(read, opener=lane.change_opener, municipality=lane.municipality), next_position)
        for unreadable in intake.unreadable:
            await park(connection, lane, topic, unreadable)
        if intake.groups:
            await _route(connection, lane, intake, records)
        await connection.execute(SQL["advance_offset"], topic, intake.next_offset)
    lane.wake.ring()
    return intake.next_offset


async def park(connection: Connection, lane: Lane, topic: str, unreadable: Unreadable) -> None:
    """Keep an unreadable record's bytes, sealed, under its coordinates."""
    record = unreadable.record
    row = f"{topic}/{record.offset}"
    key, value = lane.parked_keys.seal(row, record.key or b""), lane.parked_values.seal(row, record.value or b"")
    await connection.execute(SQL["park"], topic, record.offset, key, value, unreadable.code)


async def _route(connection: Connection, lane: Lane, intake: Intake, fetched: Sequence[ConsumerRecord]) -> None:
    arrived = [member for group in intake.groups for member in group]
    grants = lane.grants()
    routing = await lane.routing(connection, grants)
    await read_followed(connection, routing, sorted({member.event.resident for member in arrived}))
    await read_earlier_sequences(connection, routing, _referred(arrived))
    present = await _present(connection, routing, arrived)
    images = await _images(connection, arrived)
    served = [grant for grant in grants if grant.recipient in routing.last_numbers]
    if any(grant.numbers.my_number or grant.numbers.resident_code for grant in served):
        known = (image.record for image in (*images.values(), *present.values()))
        records = [record for record in known if record is not None]
        routing.numbers = await read_numbers(lane.numbers_pool, lane.number_cipher, records)
    for group in intake.groups:
        _route_group(routing, served, group, images, present)
    await save_images(connection, list(images.values()))
    await put_aside(connection, routing)
    await disclose(connection, lane, routing, NO_CAUSES if lane.traces is OFF else _causes(arrived, fetched))
    await save_protections(connection, routing)
    await connection.execute(SQL["advance_position"], intake.next_position)


def _causes(arrived: Sequence[Arrived], fetched: Sequence[ConsumerRecord]) -> Causes:
    """The trace contexts of the changes, by resident and history number."""
    contexts = {record.offset: traceparent_in(record.headers) for record in fetched}
    changes = ((each.event, contexts[each.offset]) for each in arrived)
    return {(told.resident, told.history_number): context for told, context in changes if isinstance(told, Change)}


async def _images(connection: Connection, arrived: Sequence[Arrived]) -> dict[int, Image]:
    """What each change leaves, by offset, with the code that the resident had before."""
    before = await read_codes(connection, sorted({m.event.resident for m in arrived if isinstance(m.event, Change)}))
    images = {}
    for member in arrived:
        if isinstance(member.event, Change):
            image = image_of(member, member.event, before.get(member.event.resident))
            before[member.event.resident] = image.record
            images[member.offset] = image
    return images


async def _present(connection: Connection, routing: Routing, arrived: Sequence[Arrived]) -> dict[str, Image]:
    """The images of those whose protection takes a step, with who was told their address in `routing`, and of those
    of whom somebody is to be told anew."""
    protected = sorted({each.event.resident for each in arrived if isinstance(each.event, ProtectionStep)})
    await read_holders(connection, routing, protected)
    retold = {each.event.resident for each in arrived if isinstance(each.event, Retelling)}
    wanted = sorted(retold.union(protected))
    images = await read_images(connection, wanted) if wanted else []
    return {image.addressee_number: image for image in images}


def _route_group(
    routing: Routing,
    grants: Sequence[Grant],
    group: Sequence[Arrived],
    images: Mapping[int, Image],
    present: dict[str, Image],
) -> None:
    """One filing: changes side by side for each recipient, the steps of protections of all its persons, or what is to
    be told anew."""
    members = []
    for arrived in group:
        event = arrived.event
        if isinstance(event, ProtectionStep):
            image = present.get(event.resident) or Image(event.resident, 0, RecordState.ABSENT, None)
            protect(routing, grants, image, event.state, event.position)
            continue
        if isinstance(event, Retelling):
            _retell(routing, grants, event, present.get(event.resident))
            continue
        present[event.resident] = images[arrived.offset]
        if event.protection is not None:
            never_protected(routing, event.resident)
        members.append((images[arrived.offset], occasion_of(event)))
    for grant in grants:
        routing.route_group(grant, members)


def _retell(routing: Routing, grants: Sequence[Grant], event: Retelling, image: Image | None) -> None:
    """Tell the recipient anew; nothing where it has no grant in force."""
    for grant in grants:
        if grant.recipient == event.recipient and image is not None:
            routing.retell(grant, image)


def image_of(arrived: Arrived, change: Change, before: Record | None = None) -> Image:
    """The resident as the change leaves it."""
    record = with_former_code(before, arrived.after, change.dates.changed_on)
    return Image(change.resident, change.history_number, change.state, record)


def occasion_of(change: Change) -> Occasion:
    """What of the change a projection may need."""
    registered = change.registered_at.isoformat()
    return Occasion(change.kind, change.reason, change.dates, change.operator, registered, change.refers_to)


def _referred(arrived: Sequence[Arrived]) -> Iterator[tuple[str, int]]:
    for member in arrived:
        if isinstance(member.event, Change) and member.event.refers_to is not None:
            yield member.event.resident, member.event.refers_to
