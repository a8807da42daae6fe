"""Takes changes off the topic: doubles dropped, gaps held, whole filings only; then one transaction for the batch."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiokafka import ConsumerRecord
from pydantic_core import from_json

from hub.disclosure import disclose
from hub.lane import Lane
from hub.router.state import Image, Occasion
from hub.store import (
    SQL,
    lock_head,
    read_earlier_sequences,
    read_followed,
    read_numbers,
    save_images,
)
from hub.windows.waiting import put_aside
from infra.runtime.postgres import Connection
from topics.envelope.opening import EnvelopeError, Opener
from topics.messages.change import Change

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
    """A readable change with the record in which it came and its after-image as plain data."""

    offset: int
    change: Change
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is not a change of this municipality: it is parked, and the lane goes on."""

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
        change = Change.from_wire(opened.payload)
        after = from_json(opened.payload).get("after")
    except EnvelopeError as refused:
        return Unreadable(record, refused.code)
    except ValueError:
        return Unreadable(record, UNREADABLE)
    if (opened.head.number, opened.head.sequence) != (change.position, change.history_number):
        return Unreadable(record, HEAD)
    return Arrived(record.offset, change, after) if change.municipality == municipality else Unreadable(record, FOREIGN)


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
        if arrived.change.position > expected:
            if pending or groups:
                break
            raise PositionGapError(expected, arrived.change.position)
        if arrived.change.position == expected:
            pending.append(arrived)
        if pending and pending[-1].change.group.index == pending[-1].change.group.count:
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
            await _route(connection, lane, intake)
        await connection.execute(SQL["advance_offset"], topic, intake.next_offset)
    lane.wake.set()
    return intake.next_offset


async def park(connection: Connection, lane: Lane, topic: str, unreadable: Unreadable) -> None:
    """Keep an unreadable record's bytes, sealed, under its coordinates."""
    record = unreadable.record
    row = f"{topic}/{record.offset}"
    key, value = lane.parked_keys.seal(row, record.key or b""), lane.parked_values.seal(row, record.value or b"")
    await connection.execute(SQL["park"], topic, record.offset, key, value, unreadable.code)


async def _route(connection: Connection, lane: Lane, intake: Intake) -> None:
    arrived = [member for group in intake.groups for member in group]
    grants = lane.grants()
    routing = await lane.routing(connection, grants)
    await read_followed(connection, routing, sorted({member.change.resident for member in arrived}))
    await read_earlier_sequences(connection, routing, _referred(arrived))
    images = {member.offset: image_of(member) for member in arrived}
    served = [grant for grant in grants if grant.recipient in routing.last_numbers]
    if any(grant.numbers.my_number or grant.numbers.resident_code for grant in served):
        records = [image.record for image in images.values() if image.record is not None]
        routing.numbers = await read_numbers(lane.numbers_pool, lane.number_cipher, records)
    for group in intake.groups:
        members = [(images[member.offset], occasion_of(member.change)) for member in group]
        for grant in served:
            routing.route_group(grant, members)
    await save_images(connection, list(images.values()))
    await put_aside(connection, routing)
    await disclose(connection, lane, routing)
    await connection.execute(SQL["advance_position"], intake.next_position)


def image_of(arrived: Arrived) -> Image:
    """The resident as the change leaves it."""
    change = arrived.change
    return Image(change.resident, change.history_number, change.state, arrived.after)


def occasion_of(change: Change) -> Occasion:
    """What of the change a projection may need."""
    registered = change.registered_at.isoformat()
    return Occasion(change.kind, change.reason, change.dates, change.operator, registered, change.refers_to)


def _referred(arrived: Sequence[Arrived]) -> Iterator[tuple[str, int]]:
    for member in arrived:
        if member.change.refers_to is not None:
            yield member.change.resident, member.change.refers_to
