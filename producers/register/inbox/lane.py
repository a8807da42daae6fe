"""A lane of the inbox: one municipality's messages in one transaction with their progress and all they come to."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, field
from functools import partial

from aiokafka import ConsumerRecord
from asyncpg.exceptions import DataError, IntegrityConstraintViolationError

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import REGISTER_KEY, load_key
from infra.runtime.log import Logger
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.inbox.certificates import certificate_cipher, keep_certificates
from producers.register.inbox.handlers import work_of
from producers.register.inbox.letters import Correspondence
from producers.register.inbox.noticed import save_notices
from producers.register.inbox.numbers import is_settled, stuck
from producers.register.inbox.progress import Progress, opened_progress
from producers.register.inbox.reading import NOT_STORABLE, Taken, Unreadable, read, take
from producers.register.inbox.work import REFUSED_DELIVERY, Entry, Work, all_of, refused_filing
from producers.register.number_requests.keeping import mark_stuck
from producers.register.registrar import Outcomes, Registrar
from topics.catalogue import register_topic
from topics.envelope.opening import Opener
from topics.envelope.places import register_terms

_SQL = load_queries("producers.register.inbox", "queries.sql")
NOT_STORED = (DataError, IntegrityConstraintViolationError)
"""Errors that come from a record's contents and would come again."""


class FencedError(Exception):
    """Somebody else settled this lane further; nothing was written."""


@dataclass(slots=True)
class Lane:
    """Where one municipality's messages go, and how far they have been taken."""

    settings: Settings
    registrar: Registrar
    opener: Opener
    parked_keys: ColumnCipher
    parked_values: ColumnCipher
    correspondence: Correspondence
    certificates: ColumnCipher
    log: Logger
    progress: Progress = field(default=Progress(0, 1))

    @property
    def municipality(self) -> str:
        """The municipality code."""
        return self.registrar.municipality

    @property
    def topic(self) -> str:
        """The topic that is read."""
        return register_topic(self.settings.environment)

    async def take_up(self, first_offset: int) -> int:
        """Go to where the database says, which is `first_offset` on first contact; returns the offset to read from."""
        self.progress = await opened_progress(self.settings, self.municipality, first_offset)
        return max(self.progress.next_offset, first_offset)

    async def settle(self, records: Sequence[ConsumerRecord]) -> None:
        """Settle `records` and the progress in one transaction; raises `FencedError`.

        A record that the database refuses for its contents is parked; to find it, a refused batch is halved.
        """
        judged = [read(record, self.opener, self.municipality) for record in records]
        try:
            await self._settle(take(judged, self.progress.next_number), records[-1].offset + 1)
        except NOT_STORED:
            if len(records) == 1:
                await self._settle(self._not_storable(records[0]), records[0].offset + 1)
                return
            middle = len(records) // 2
            await self.settle(records[:middle])
            await self.settle(records[middle:])

    def _not_storable(self, record: ConsumerRecord) -> Taken:
        """Its number is passed: it did come."""
        message = read(record, self.opener, self.municipality)
        number = self.progress.next_number if isinstance(message, Unreadable) else message.number + 1
        return Taken((), (Unreadable(record, NOT_STORABLE),), number, ())

    async def _settle(self, taken: Taken, next_offset: int) -> None:
        work = all_of(map(work_of, await self.correspondence.opened(taken.messages)))
        reached = Progress(next_offset, taken.next_number)
        filings = [filing for filing, _ in work.filings]
        await self.registrar.register(filings, partial(self._beside, work, taken, reached))
        self.progress = reached
        for missing in taken.missing:
            self.log.error("messages to the register are missing", code="REGISTER-INBOX-GAP", first=missing)
        for unreadable in taken.unreadable:
            self.log.error("a record is parked", code=unreadable.code, offset=unreadable.record.offset)

    async def _beside(
        self, work: Work, taken: Taken, reached: Progress, connection: Connection, outcomes: Outcomes
    ) -> None:
        """Everything but the filings, in the transaction that registers them."""
        place = (self.topic, self.progress.next_offset)
        if await connection.fetchval(_SQL["advance"], *place, *astuple(reached)) is None:
            raise FencedError
        told = [(message, outcomes[filing.filing_id]) for filing, message in work.filings]
        codes = [(message, outcome.code) for message, outcome in told if outcome.code is not None]
        refused = [refused_filing(message, code) for message, code in codes if not is_settled(message, code)]
        await _save_over(connection, work)
        await _save_entries(connection, [*work.entries, *refused])
        await mark_stuck(connection, stuck([*work.entries, *refused]))
        await save_notices(connection, work.notices, outcomes)
        await keep_certificates(connection, self.certificates, work.certificates)
        await self._park(connection, taken.unreadable)

    async def _park(self, connection: Connection, unreadable: Sequence[Unreadable]) -> None:
        rows = [(each.record, f"{self.topic}/{each.record.offset}", each.code) for each in unreadable]
        await connection.execute(
            _SQL["park"],
            self.topic,
            [record.offset for record, _, _ in rows],
            [self.parked_keys.seal(row, record.key or b"") for record, row, _ in rows],
            [self.parked_values.seal(row, record.value or b"") for record, row, _ in rows],
            [code for _, _, code in rows],
        )


async def _save_over(connection: Connection, work: Work) -> None:
    """Before the entries: what is over is what stood already."""
    columns = [
        [over.party for over in work.over],
        [over.addressee_number for over in work.over],
        [over.settled_at for over in work.over],
    ]
    await connection.execute(_SQL["settle_over"], *columns, REFUSED_DELIVERY)


async def _save_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    await connection.execute(
        _SQL["enter"],
        [entry.party for entry in entries],
        [entry.party_number for entry in entries],
        [entry.place for entry in entries],
        [entry.kind for entry in entries],
        [entry.code for entry in entries],
        [entry.addressee_number for entry in entries],
        [entry.history_number for entry in entries],
        [entry.received_at for entry in entries],
        ["open" if entry.settled_at is None else "settled" for entry in entries],
        [None if entry.settled_at is None else entry.party for entry in entries],
        [entry.settled_at for entry in entries],
    )


@asynccontextmanager
async def open_lane(settings: Settings, municipality: str, ring: KeyRing, log: Logger) -> AsyncIterator[Lane]:
    """The lane of one municipality, not yet taken up; raises `Refusal`."""
    key = load_key(settings, REGISTER_KEY)
    keys, values = (ColumnCipher(key, table="inbox_parked", column=f"sealed_{part}") for part in ("key", "value"))
    opener = Opener(register_terms(settings.environment, municipality), ring.register, ring.private)
    async with Registrar.open(settings, municipality) as registrar:
        letters = Correspondence(settings, municipality, ring)
        kept = certificate_cipher(settings)
        yield Lane(settings, registrar, opener, keys, values, letters, kept, log.bind(municipality=municipality))
