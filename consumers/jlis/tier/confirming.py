"""Identity confirmation (本人確認情報の提供): a municipality's queries, each answered from the copy and entered once.

Progress, log and answer are one transaction. Queries come one by one from people, so each is looked up by itself.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from pydantic_core import from_json

from consumers.jlis.tier.keeping import Register
from consumers.jlis.tier.lane import SQL as PROGRESS
from consumers.kit.desk import Place, Refused, settling
from consumers.kit.record import Record
from infra.runtime.postgres import Connection, Pool
from infra.runtime.queries import load_queries
from topics.envelope.opening import EnvelopeError, Opener
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.guarded import Purpose
from topics.items.identity import IDENTITY_FILE
from topics.messages.confirmation import Confirmation, Outcome, Query
from topics.national import NATIONAL

SQL = load_queries("consumers.jlis.tier", "confirmation.sql")
UNDECODABLE = "CONFIRM-UNDECODABLE"
NOT_OURS = "CONFIRM-NOT-OURS"
DOUBLED = "CONFIRM-DOUBLED"
BATCH_ANSWERS = 1000
FIELDS = IDENTITY_FILE.fields((2, 4, 6, 7, 8, 11, 21, 22, 35))
"""What is answered: the four items with reading and municipality, the last change, and whether the record is there
still. No number, and nothing of operators and terminals."""


@dataclass(frozen=True, slots=True)
class ConfirmationLane:
    """Where one municipality's office asks, and where it is answered."""

    topic: str
    answers: str
    partition: int
    municipality: str
    opener: Opener
    sealer: Sealer
    pool: Pool
    register: Register

    @property
    def place(self) -> Place:
        """Topic and partition of the queries."""
        return self.topic, self.partition

    async def open(self, first_offset: int) -> int:
        """Where to go on; what retention has passed was not answered and will not be."""
        return int(await self.pool.fetchval(PROGRESS["open_progress"], *self.place, first_offset))

    async def settle(self, records: Sequence[Record]) -> Sequence[Refused]:
        """Answer and enter; raises `Fenced`."""
        refused: list[Refused] = []
        async with settling(self.pool, PROGRESS, self.place, records) as connection:
            for record in records:
                code = await self._one(connection, record)
                refused += [Refused(record.offset, code, {})] if code else []
        return refused

    async def send(self, link: AIOKafkaProducer) -> None:
        """Answers in number order, kept until the brokers have them."""
        while rows := await self.pool.fetch(SQL["unsent"], self.municipality, BATCH_ANSWERS):
            values = [self._sealed(row["number"], row["message"]) for row in rows]
            key = self.municipality.encode("ascii")
            sent = [await link.send(self.answers, value, key=key, partition=self.partition) for value in values]
            await asyncio.gather(*sent)
            await self.pool.execute(SQL["confirmed"], self.municipality, rows[-1]["number"])

    async def _one(self, connection: Connection, record: Record) -> str:
        """Settle one record; returns the code under which it is refused, or nothing."""
        query, code = self._examine(record)
        if query is not None and await connection.fetchval(SQL["asked_before"], self.municipality, query.inquiry_id):
            code = DOUBLED
        if query is None or code:
            await self._enter(connection, record, query, "refused", code, None)
            return code
        rows = await self._known(connection, query)
        outcome: Outcome = ("none", "confirmed", "several")[len(rows)]
        found = rows[0] if outcome == "confirmed" else None
        await self._answer(connection, query, outcome, found)
        await self._enter(connection, record, query, outcome, "", found["subject"] if found else None)
        return ""

    def _examine(self, record: Record) -> tuple[Query | None, str]:
        try:
            query = Query.from_wire(self.opener.open(record.value or b"", record.key).payload)
        except EnvelopeError as refused:
            return None, str(refused.code)
        except ValueError:
            return None, UNDECODABLE
        return (query, "") if query.municipality == self.municipality else (None, NOT_OURS)

    async def _known(self, connection: Connection, query: Query) -> list[Any]:
        """Who fits: two at most, since nobody learns how many there are."""
        if query.code is not None:
            index = self.register.code_index(query.code.reveal(Purpose.SEARCH))
            return list(await connection.fetch(SQL["by_code"], index))
        who = query.person
        assert who is not None  # noqa: S101 - the model has exactly one of the two
        return list(await connection.fetch(SQL["by_items"], who.birth_date, who.name, who.address, who.sex))

    async def _answer(self, connection: Connection, query: Query, outcome: Outcome, found: Any) -> None:
        number: int = await connection.fetchval(SQL["allot"], self.municipality)
        told = Confirmation(
            municipality=self.municipality,
            number=number,
            inquiry_id=query.inquiry_id,
            outcome=outcome,
            items=_told(found) if found else None,
        )
        await connection.execute(SQL["enqueue"], self.municipality, number, told.to_wire())

    async def _enter(
        self, connection: Connection, record: Record, query: Query | None, outcome: str, code: str, subject: str | None
    ) -> None:
        asked = (query.inquiry_id, query.operator, query.purpose, _by(query)) if query else (None,) * 4
        place = (*self.place, record.offset, self.municipality)
        await connection.execute(SQL["enter"], *place, *asked, outcome, code, subject)

    def _sealed(self, number: int, message: bytes) -> bytes:
        event_id = f"{NATIONAL}-{self.municipality}-{number}"
        return self.sealer.seal(Head(key=self.municipality, event_id=event_id, number=number, sequence=number), message)


def _told(found: Any) -> dict[str, Any]:
    held = from_json(found["items"])
    return {field: held[field] for field in FIELDS if held.get(field) is not None}


def _by(query: Query) -> str:
    return "code" if query.code is not None else "items"
