"""Settling what is parked, for people: tried again, passed over, or discarded; each in one transaction under the lane's
lock, so that it comes between two batches, and with what must be said to the hub."""

import math
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from pydantic import TypeAdapter, ValidationError

from consumers.kit.gate import ranges
from consumers.kit.giving_up import discard, release
from consumers.kit.lane import Lane
from consumers.kit.outbox import Draft, enqueue
from consumers.kit.parked import Parked, Told, told
from consumers.kit.recipient import Recipient
from consumers.kit.rows import Rows
from consumers.kit.settlement import Settlement
from consumers.kit.settling import Settler
from infra.runtime.postgres import Connection
from infra.runtime.refusals import Refusal
from topics.messages.inbound import LONGEST_REFUSAL, Account, Discard, Reason, Redelivery

_ACCOUNT: TypeAdapter[str] = TypeAdapter(Account)
_REASON: TypeAdapter[str] = TypeAdapter(Reason)


@dataclass(frozen=True, slots=True)
class Decision:
    """Why something is discarded, and the two persons who say so."""

    reason: str
    by: str
    second: str

    def __post_init__(self) -> None:
        """Raises `Refusal`."""
        if self.by == self.second or not all(_is(_ACCOUNT, name) for name in (self.by, self.second)):
            raise Refusal(
                "KIT-DISCARD-PERSONS", "by and second: accounts of two persons, small letters, digits, hyphens"
            )
        if not _is(_REASON, self.reason):
            raise Refusal("KIT-DISCARD-REASON", "reason: 1 to 200 characters, no digits: it stays for ever")


@dataclass(frozen=True, slots=True)
class Repaired:
    """What came, or would come, of it: deliveries applied, held still, parked still by code, and given up."""

    applied: int = 0
    held: int = 0
    parked: dict[str, int] = field(default_factory=dict)
    given_up: int = 0


class Repair:
    """Settles what one lane has parked. Without `keep` everything is tried and undone: what would be is told."""

    def __init__(self, recipient: Recipient, lane: Lane, *, keep: bool) -> None:
        self._settler = Settler(recipient, lane)
        self._lane = lane
        self._keep = keep

    async def look(self) -> list[Told]:
        """Everything that is parked, in topic order."""
        async with self._lane.pool.acquire() as connection, connection.transaction():
            rows = self._settler.rows(connection)
            return told(await rows.parked(), await rows.whole_state())

    async def retry(self, offsets: Collection[int] = ()) -> Repaired:
        """Judge parked records (all when none is named) anew, and apply in order what is good now; raises `Refusal`."""
        async with self._locked() as (connection, rows, next_offset):
            chosen = await _chosen(rows, offsets)
            await rows.take_up([one.record.offset for one in chosen])
            judged = [self._settler.examine(one.record) for one in sorted(chosen, key=_turn)]
            settlement = await self._settler.settle(connection, judged, next_offset, _bear)
            await rows.keep_since({one.record.offset: one.since for one in chosen})
        return _repaired(settlement)

    async def release(self, offset: int) -> Repaired:
        """Pass over a parked delivery, let the later ones go on, and ask for its resident's present state; raises
        `Refusal`."""
        async with self._locked() as (connection, rows, next_offset):
            number = _number((await _chosen(rows, [offset]))[0])
            decide = partial(release, number, await rows.whole_state())
            settlement = await self._settler.decided(connection, decide, {}, _bear)
            anew = partial(Redelivery, **self._place(), first=number, last=number)
            await self._carry_out(connection, settlement, next_offset, [anew])
        return _repaired(settlement)

    async def discard(self, offset: int, decision: Decision) -> Repaired:
        """Give a parked record up with all that waits behind it; the hub enters it, and sends the present state of its
        residents. Raises `Refusal`."""
        async with self._locked() as (connection, rows, next_offset):
            (chosen,) = await _chosen(rows, [offset])
            if chosen.member is None:
                await rows.take_up([offset])
                await enqueue(connection, self._lane.municipality, [self._discard(decision, offset=offset)])
                return Repaired()
            settlement = discard(chosen.member.number, await rows.whole_state())
            spans = ranges(settlement.given_up, longest=LONGEST_REFUSAL)
            drafts = [self._discard(decision, first=span.start, last=span.stop - 1) for span in spans]
            await self._carry_out(connection, settlement, next_offset, drafts)
        return _repaired(settlement)

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[tuple[Connection, Rows, int]]:
        """A transaction that holds the lane, with the offset of its next record; undone unless it is to be kept."""
        async with self._lane.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                rows = self._settler.rows(connection)
                yield connection, rows, await rows.lock()
            except BaseException:
                await transaction.rollback()
                raise
            await (transaction.commit() if self._keep else transaction.rollback())

    async def _carry_out(
        self, connection: Connection, settlement: Settlement, next_offset: int, drafts: Sequence[Draft]
    ) -> None:
        rows = self._settler.rows(connection)
        await rows.write(settlement)
        await rows.advance(settlement, next_offset)
        await self._settler.answer(connection, settlement, {}, *drafts)

    def _discard(self, decision: Decision, **what: int) -> Draft:
        return partial(Discard, **self._place(), **asdict(decision), **what)

    def _place(self) -> dict[str, Any]:
        terms = self._lane.terms
        return {"party": terms.recipient, "municipality": terms.municipality, "generation": terms.generation}


async def _chosen(rows: Rows, offsets: Collection[int]) -> list[Parked]:
    """What is parked at these offsets, or everything when none is named."""
    found = [one for one in await rows.parked() if not offsets or one.record.offset in offsets]
    absent = set(offsets) - {one.record.offset for one in found}
    if absent:
        raise Refusal("KIT-PARKED-NONE", f"nothing is parked at offset {min(absent)}")
    return found


def _turn(parked: Parked) -> tuple[float, int]:
    """In number order; whose number is not known comes last."""
    return (math.inf if parked.member is None else parked.member.number), parked.record.offset


def _number(parked: Parked) -> int:
    if parked.member is None:
        raise Refusal(
            "KIT-PARKED-STRAY", "nobody knows whose delivery this is, and nothing waits behind it: discard it"
        )
    return parked.member.number


def _is(kind: TypeAdapter[str], text: str) -> bool:
    try:
        kind.validate_python(text)
    except ValidationError:
        return False
    return True


def _bear(settlement: Settlement) -> None:
    """A person looks on: there is no limit."""


def _repaired(settlement: Settlement) -> Repaired:
    codes = Counter([*(finding.code for finding in settlement.park), *settlement.spoil.values()])
    return Repaired(len(settlement.apply), len(settlement.hold), dict(codes), len(settlement.given_up))
