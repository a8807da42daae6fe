"""The sink: one batch of one lane in one transaction with its progress, so that nothing is lost or doubled."""

from collections.abc import Mapping, Sequence

import structlog
from asyncpg.exceptions import DataError, IntegrityConstraintViolationError

from consumers.kit.checks import NOT_STORABLE, examine
from consumers.kit.gate import NumberGate
from consumers.kit.lane import Lane
from consumers.kit.outbox import enqueue, resend_requests
from consumers.kit.protection import keep_protections
from consumers.kit.received import compare, digests_of
from consumers.kit.recipient import Recipient
from consumers.kit.record import Arrival, Finding, Record
from consumers.kit.refusing import functional_errors
from consumers.kit.seals import held_row, parked_row, seals
from consumers.kit.settlement import Place, Settlement, settle
from consumers.kit.statements import acknowledgements
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.delivery import Delivery

_SQL = load_queries("consumers.kit", "queries.sql")

NOT_STORED = (DataError, IntegrityConstraintViolationError)
"""Errors that come from a record's contents and would come again."""


class Fenced(Exception):  # noqa: N818
    """Somebody else settled this lane further, or records were skipped: go on at `next_offset`."""

    def __init__(self, next_offset: int) -> None:
        super().__init__("KIT-FENCED")
        self.next_offset = next_offset


class Sink:
    """Settles the records of one lane."""

    def __init__(self, recipient: Recipient, lane: Lane) -> None:
        self._recipient = recipient
        self._lane = lane
        self._seals = seals(recipient.key)
        self._log = structlog.get_logger().bind(recipient=recipient.name, municipality=lane.municipality)

    async def settle(self, records: Sequence[Record]) -> None:
        """Settle `records`, contiguous and in order; raises `Fenced` when they are not the lane's next ones.

        A record that the database refuses for its contents is parked; to find it, a refused batch is halved.
        """
        judged = [
            examine(record, self._lane.opener, self._lane.terms, self._recipient.copy.check) for record in records
        ]
        try:
            await self._settle(judged)
        except NOT_STORED:
            if len(records) == 1:
                await self._settle([_refused(judged[0])])
                return
            middle = len(records) // 2
            await self.settle(records[:middle])
            await self.settle(records[middle:])

    async def _settle(self, judged: Sequence[Arrival | Finding]) -> None:
        async with self._lane.pool.acquire() as connection, connection.transaction():
            await self._compare(connection, judged[0].record.offset)
            digests = digests_of(judged)
            known = await self._receive(connection, digests)
            settlement = await self._decide(connection, compare(judged, known))
            await self._write(connection, settlement)
            await self._advance(connection, settlement, judged[-1].record.offset + 1)
            await self._answer(connection, settlement, digests, known)
        self._tell(settlement)

    async def _compare(self, connection: Connection, first_offset: int) -> None:
        next_offset = await connection.fetchval(_SQL["lock_offset"], self._lane.topic, self._lane.partition)
        if next_offset != first_offset:
            raise Fenced(next_offset)

    async def _receive(self, connection: Connection, digests: Mapping[int, bytes]) -> dict[int, bytes]:
        """Remember the envelopes that came for the first time; returns the digests that stood already."""
        place = (self._lane.municipality, self._lane.terms.generation)
        rows = await connection.fetch(_SQL["receive"], *place, list(digests), list(digests.values()))
        return {row["number"]: row["digest"] for row in rows}

    async def _decide(self, connection: Connection, judged: Sequence[Arrival | Finding]) -> Settlement:
        city, generation = self._lane.municipality, self._lane.terms.generation
        subjects = list({one.delivery.subject for one in judged if isinstance(one, Arrival)})
        number = await connection.fetchval(_SQL["next_number"], city, generation)
        gates = await connection.fetch(_SQL["subject_gates"], city, subjects)
        held = await connection.fetch(_SQL["held_of"], city, subjects)
        waiting = {(row["subject"], row["sequence"]): row["sealed_value"] for row in held}
        return settle(
            judged,
            NumberGate(number),
            {row["subject"]: row["sequence"] for row in gates},
            {place: self._open(place, value) for place, value in waiting.items()},
        )

    def _open(self, place: Place, sealed: bytes) -> Delivery:
        row = held_row(self._lane.municipality, *place)
        return Delivery.model_validate_json(self._seals.held.open(row, sealed))

    async def _write(self, connection: Connection, settlement: Settlement) -> None:
        city, generation = self._lane.municipality, self._lane.terms.generation
        if settlement.apply:
            await self._recipient.copy.apply(connection, city, settlement.apply)
            await keep_protections(connection, city, settlement.apply)
        if settlement.gates:
            gates = settlement.gates
            await connection.execute(_SQL["set_subject_gates"], city, list(gates), list(gates.values()))
        if settlement.release:
            subjects, sequences = zip(*settlement.release, strict=True)
            await connection.execute(_SQL["release"], city, subjects, sequences)
        if settlement.hold:
            await self._hold(connection, [arrival.delivery for arrival in settlement.hold])
        if settlement.park:
            await self._park(connection, settlement.park)
        if settlement.missing:
            await connection.execute(_SQL["miss"], city, generation, sorted(settlement.missing))
        if settlement.found:
            await connection.execute(_SQL["find"], city, generation, sorted(settlement.found))

    async def _hold(self, connection: Connection, deliveries: Sequence[Delivery]) -> None:
        city = self._lane.municipality
        await connection.execute(
            _SQL["hold"],
            city,
            [d.subject for d in deliveries],
            [d.sequence for d in deliveries],
            [d.generation for d in deliveries],
            [d.number for d in deliveries],
            [self._seals.held.seal(held_row(city, d.subject, d.sequence), d.to_wire()) for d in deliveries],
        )

    async def _park(self, connection: Connection, findings: Sequence[Finding]) -> None:
        records = [finding.record for finding in findings]
        rows = [parked_row(self._lane.topic, self._lane.partition, record.offset) for record in records]
        seals = self._seals
        await connection.execute(
            _SQL["park"],
            self._lane.municipality,
            self._lane.topic,
            self._lane.partition,
            [record.offset for record in records],
            [_sealed(seals.parked_keys, row, record.key) for row, record in zip(rows, records, strict=True)],
            [_sealed(seals.parked_values, row, record.value) for row, record in zip(rows, records, strict=True)],
            [seals.parked_headers.seal(row, r.headers_text()) for row, r in zip(rows, records, strict=True)],
            [finding.code for finding in findings],
        )

    async def _advance(self, connection: Connection, settlement: Settlement, next_offset: int) -> None:
        await connection.execute(
            _SQL["advance"],
            self._lane.topic,
            self._lane.partition,
            self._lane.municipality,
            self._lane.terms.generation,
            settlement.next_number,
            len(settlement.apply),
            settlement.duplicates,
            next_offset,
        )

    async def _answer(
        self, connection: Connection, settlement: Settlement, digests: Mapping[int, bytes], before: Mapping[int, bytes]
    ) -> None:
        terms = self._lane.terms
        digests = {**digests, **before}
        released = frozenset().union(*settlement.outcomes.values()) - digests.keys()
        earlier = await connection.fetch(_SQL["received"], terms.municipality, terms.generation, sorted(released))
        known = {**digests, **{row["number"]: row["digest"] for row in earlier}}
        drafts = [
            *acknowledgements(settlement, terms, known, self._recipient.signer()),
            *functional_errors(settlement, terms, before),
            *resend_requests(settlement.missing, terms.recipient, terms.municipality, terms.generation),
        ]
        await enqueue(connection, terms.municipality, drafts)

    def _tell(self, settlement: Settlement) -> None:
        for finding in settlement.park:
            self._log.error(
                "record parked", code=finding.code, partition=self._lane.partition, offset=finding.record.offset
            )
        if settlement.missing:
            first, last = min(settlement.missing), max(settlement.missing)
            self._log.error("delivery numbers missing", code="KIT-NUMBER-GAP", first=first, last=last)
        if settlement.hold:
            self._log.warning("residents held", code="KIT-SEQUENCE-GAP", count=len(settlement.hold))


def _refused(one: Arrival | Finding) -> Finding:
    number = one.delivery.number if isinstance(one, Arrival) else one.number
    return Finding(one.record, NOT_STORABLE, number)


def _sealed(cipher: ColumnCipher, row: str, part: bytes | None) -> bytes | None:
    """What a record lacks stays missing; what it has is sealed."""
    return None if part is None else cipher.seal(row, part)
