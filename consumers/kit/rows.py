"""The rows between two batches of one lane: read as the frozen state of a decision, written as its effects."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from consumers.kit.lane import Lane
from consumers.kit.order import Member, State
from consumers.kit.parked import Parked
from consumers.kit.record import Arrival, Finding, Record
from consumers.kit.seals import Seals
from consumers.kit.settlement import Settlement
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries

_SQL = load_queries("consumers.kit", "queries.sql")
_CHANGED = {"release": "release", "unpark": "unpark", "give_up": "given_up", "miss": "missing", "find": "found"}
"""Which numbers of a settlement each statement takes."""


class Rows:
    """The rows of one lane as one transaction on `connection` sees them."""

    def __init__(self, connection: Connection, lane: Lane, seals: Seals) -> None:
        self._connection = connection
        self._seals = seals
        self._place = (lane.municipality, lane.terms.generation)
        self._topic = (lane.topic, lane.partition)

    async def receive(self, digests: Mapping[int, bytes]) -> dict[int, bytes]:
        """Remember the envelopes that came for the first time; returns the digests that stood already."""
        rows = await self._fetch("receive", list(digests), list(digests.values()))
        return {row["number"]: row["digest"] for row in rows}

    async def received(self, numbers: Collection[int]) -> dict[int, bytes]:
        """The digests of these deliveries, which came earlier."""
        return {row["number"]: row["digest"] for row in await self._fetch("received", sorted(numbers))}

    async def state(self, judged: Collection[Member]) -> State:
        """What stands, of all whom deliveries at these places may move."""
        numbers = {number for member in judged for number in member.span}
        subjects = {member.subject for member in judged}
        return await self._state(await self._fetch("set_aside_with", list(subjects), list(numbers)), judged)

    async def whole_state(self) -> State:
        """What stands, of all that waits or is parked."""
        return await self._state(await self._fetch("all_set_aside"), ())

    async def held_records(self, numbers: Collection[int]) -> dict[int, Record]:
        """The records that wait, by number."""
        rows = await self._fetch("held_records", sorted(numbers)) if numbers else []
        return {row["number"]: self._seals.open(dict(row)) for row in rows}

    async def write(self, settlement: Settlement) -> None:
        """What is set aside, let go, moved on and missed; the copy's own rows are not ours."""
        if settlement.gates:
            await self._set_gates(settlement.gates)
        if settlement.hold:
            await self._hold(settlement.hold)
        if settlement.spoil:
            await self._execute("spoil", list(settlement.spoil), list(settlement.spoil.values()))
        if settlement.park:
            await self._park(settlement.park)
        for query in ("release", "unpark", "give_up", "miss", "find"):
            numbers: frozenset[int] = getattr(settlement, _CHANGED[query])
            if numbers:
                await self._execute(query, sorted(numbers))

    async def advance(self, settlement: Settlement, next_offset: int) -> None:
        """The lane's progress: the next number and offset, and what was counted."""
        city, generation = self._place
        counted = (settlement.next_number, len(settlement.apply), settlement.duplicates, next_offset)
        await self._connection.execute(_SQL["advance"], *self._topic, city, generation, *counted)

    async def lock(self) -> int:
        """Lock the lane's progress until the transaction ends; returns the offset of its next record."""
        offset: int = await self._connection.fetchval(_SQL["lock_offset"], *self._topic)
        return offset

    async def parked(self) -> list[Parked]:
        """What the lane has parked, in topic order."""
        rows = await self._connection.fetch(_SQL["parked"], self._place[0], *self._topic)
        return [_parked(row, self._seals.open(dict(row))) for row in rows]

    async def take_up(self, offsets: Collection[int]) -> None:
        """These records are parked no longer; whoever takes them up settles them anew."""
        await self._connection.execute(_SQL["take_up"], self._place[0], *self._topic, list(offsets))

    async def keep_since(self, since: Mapping[int, datetime]) -> None:
        """What is parked still, by offset, has been so for as long as before."""
        await self._connection.execute(
            _SQL["keep_since"], self._place[0], *self._topic, list(since), list(since.values())
        )

    async def parked_from(self, offset: int) -> int:
        """How many records of the lane are parked from this offset on."""
        count: int = await self._connection.fetchval(_SQL["parked_from"], self._place[0], *self._topic, offset)
        return count

    async def _state(self, aside: Sequence[Any], judged: Collection[Member]) -> State:
        waiting = [_member(row) for row in aside if not row["parked"]]
        parked = [_member(row) for row in aside if row["parked"]]
        known = [*judged, *waiting, *parked]
        gates = await self._connection.fetch(_SQL["subject_gates"], self._place[0], list({m.subject for m in known}))
        numbers = await self._fetch("not_applied", list({number for member in known for number in member.span}))
        return State(
            next_number=await self._connection.fetchval(_SQL["next_number"], *self._place),
            applied={row["subject"]: row["sequence"] for row in gates},
            waiting=waiting,
            parked=parked,
            missing=frozenset(row["number"] for row in numbers if not row["given_up"]),
            given_up=frozenset(row["number"] for row in numbers if row["given_up"]),
        )

    async def _set_gates(self, gates: Mapping[str, int]) -> None:
        city, _ = self._place
        await self._connection.execute(_SQL["set_subject_gates"], city, list(gates), list(gates.values()))

    async def _hold(self, arrivals: Sequence[Arrival]) -> None:
        places = [_columns(arrival.member) for arrival in arrivals]
        rows = [(*self._sealed(a.record), *place, _array(a)) for a, place in zip(arrivals, places, strict=True)]
        columns = (list(column) for column in zip(*rows, strict=True))
        await self._connection.execute(_SQL["hold"], *self._place, *self._topic, *columns)

    async def _park(self, findings: Sequence[Finding]) -> None:
        city, generation = self._place
        rows = [
            (
                *self._sealed(finding.record),
                None if finding.member is None else generation,
                *((None,) * 5 if finding.member is None else _columns(finding.member)),
                finding.code,
            )
            for finding in findings
        ]
        columns = (list(column) for column in zip(*rows, strict=True))
        await self._connection.execute(_SQL["park"], city, *self._topic, *columns)

    def _sealed(self, record: Record) -> tuple[int, bytes | None, bytes | None, bytes]:
        return record.offset, *self._seals.seal(*self._topic, record)

    async def _fetch(self, query: str, *arguments: object) -> list[Any]:
        return list(await self._connection.fetch(_SQL[query], *self._place, *arguments))

    async def _execute(self, query: str, *arguments: object) -> None:
        await self._connection.execute(_SQL[query], *self._place, *arguments)


def _member(row: Any) -> Member:
    place = (row["subject"], row["sequence"], row["number"], row["first_number"], row["group_count"])
    return Member(*place, supersedes=tuple(row["supersedes"]))


def _parked(row: Any, record: Record) -> Parked:
    member = None if row["number"] is None else _member(row)
    return Parked(record, row["topic"], row["code"], row["parked_at"], member)


def _array(arrival: Arrival) -> str:
    """What it supersedes, as PostgreSQL writes an array: rows of different lengths go in one statement."""
    return f"{{{','.join(map(str, arrival.member.supersedes))}}}"


def _columns(member: Member) -> tuple[int, str, int, int, int]:
    return member.number, member.subject, member.sequence, member.first, member.count
