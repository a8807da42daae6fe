"""The registrar: takes filings in batches, numbers first, then one transaction for everything else.

Idempotent by filing id: a batch handed in again after a crash finds its numbers and its filings there.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal, Self
from uuid import UUID

from asyncpg import DeadlockDetectedError, UniqueViolationError

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.keys import NUMBERS_KEY, load_key
from infra.runtime.postgres import Connection, Pool, open_pool
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from infra.runtime.tracing import traces_of
from producers.register.book import Book
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.filings import Filing, parse_filing
from producers.register.findings import FilingRefusedError, Finding, Rule
from producers.register.loading import load_book
from producers.register.numbers import (
    Place,
    Same,
    entered,
    given_numbers,
    known_references,
    same_numbers,
    store_numbers,
    taken_numbers,
)
from producers.register.rules.decide import decide
from producers.register.rules.notices import notices_of
from producers.register.traced import TracedFilings
from producers.register.writing import save_book, save_filings
from topics.catalogue import REGISTER, change_topic

_SQL = load_queries("producers.register", "queries.sql")
ATTEMPTS = 5
SECOND_VERSION = "the filing was handed in before with another number; file anew"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a filing: its changes by resident and what to look at, or why it was refused."""

    filing_id: UUID
    result: Literal["registered", "provisional", "repeated", "refused"]
    residents: tuple[str, ...] = ()
    household_number: str | None = None
    code: str | None = None
    field: str | None = None
    sentence: str | None = None
    notices: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """Members of one household whose announced day has come, as their history numbers stand."""

    due_on: date
    household_number: str
    abroad: bool
    residents: list[str]
    history_numbers: list[int]


Outcomes = dict[UUID, Outcome]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The versions that a batch's filings brought, by their places, and which others hold the same My Number."""

    references: Mapping[Place, str]
    same: Same


Beside = Callable[[Connection, Outcomes], Awaitable[None]]
"""What else happens in the transaction that registers, once its outcomes are known."""


async def _nothing(_connection: Connection, _outcomes: Outcomes) -> None:
    """Nothing else."""


class Registrar:
    """The counter's connection to one municipality's register and numbers."""

    def __init__(
        self, municipality: str, register: Pool, numbers: Pool, cipher: ColumnCipher, traced: TracedFilings
    ) -> None:
        self.municipality = municipality
        self._register = register
        self._numbers = numbers
        self._cipher = cipher
        self._traced = traced

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, municipality: str) -> AsyncIterator[Self]:
        """Connect as the role `register`; raises `Refusal`."""
        environment = settings.environment
        cipher = ColumnCipher(load_key(settings, NUMBERS_KEY), table="number_version", column="number")
        register = REGISTER_DATABASE.name(environment, municipality)
        traces = traces_of(settings, REGISTER, REGISTER)
        traced = TracedFilings(traces, municipality, change_topic(environment))
        async with (
            await open_pool(settings, register, role=REGISTER, principal=REGISTER) as pool,
            await open_pool(
                settings, NUMBERS_DATABASE.name(environment, municipality), role=REGISTER, principal=REGISTER
            ) as numbers,
        ):
            yield cls(municipality, pool, numbers, cipher, traced)

    async def register(self, filings: Sequence[Filing], beside: Beside = _nothing) -> list[Outcome]:
        """Register filings in the order given; one that is refused leaves nothing and stops no other."""
        first = {filing.filing_id: filing for filing in reversed(filings)}
        outcomes = await self._register_once(list(reversed(first.values())), beside)
        return [outcomes.pop(f.filing_id, Outcome(f.filing_id, "repeated")) for f in filings]

    async def _register_once(self, filings: Sequence[Filing], beside: Beside) -> Outcomes:
        numbers = given_numbers(filings)
        async with self._numbers.acquire() as connection:
            differing = await store_numbers(connection, self._cipher, numbers)
        references = {(n.filing_id, n.member, n.kind): n.reference for n in numbers}
        same = await same_numbers(self._numbers, list(entered(filings, references)))
        outcomes = {filing_id: refused(filing_id, _second_version()) for filing_id in differing}
        fresh = [filing for filing in filings if filing.filing_id not in differing]

        async def work(connection: Connection) -> Outcomes:
            taken = outcomes | await self._take(fresh, Numbers(references, same), connection)
            await beside(connection, taken)
            return taken

        return await self._in_transaction(work)

    async def confirm(self, filing_ids: Sequence[UUID]) -> list[Outcome]:
        """Register (本登録) filings that were provisional (仮登録); one refused now stays provisional."""
        references = await known_references(self._numbers, filing_ids)
        numbers = Numbers(references, await same_numbers(self._numbers, list(references.values())))
        outcomes = await self._in_transaction(partial(self._confirm, filing_ids, numbers))
        return [outcomes.get(filing_id) or refused(filing_id, _not_provisional()) for filing_id in filing_ids]

    async def due(self, today: date, after: Due | None, limit: int) -> list[Due]:
        """Announced move-outs whose day has come, by household, the earliest first; at most `limit` after one."""
        place = (after.due_on, after.household_number, after.abroad) if after else (date.min, "", False)
        return [Due(**row) for row in await self._register.fetch(_SQL["due"], today, *place, limit)]

    async def _in_transaction(self, work: Callable[[Connection], Awaitable[Outcomes]]) -> Outcomes:
        """Do `work` in one transaction, again when another writer was in the way."""
        for _ in range(ATTEMPTS - 1):
            with suppress(DeadlockDetectedError, UniqueViolationError):
                return await self._once(work)
        return await self._once(work)

    async def _once(self, work: Callable[[Connection], Awaitable[Outcomes]]) -> Outcomes:
        async with self._register.acquire() as connection, connection.transaction():
            return await work(connection)

    async def _take(self, filings: Sequence[Filing], numbers: Numbers, connection: Connection) -> Outcomes:
        outcomes = await _repeated(connection, filings)
        fresh = [filing for filing in filings if filing.filing_id not in outcomes]
        waiting = [filing for filing in fresh if filing.provisional]
        due = [filing for filing in fresh if not filing.provisional]
        book, decided = await self._decide(connection, due, numbers)
        await save_filings(connection, _standing(due, decided), waiting)
        await self._save(connection, book, due)
        return outcomes | {f.filing_id: Outcome(f.filing_id, "provisional") for f in waiting} | decided

    async def _confirm(self, filing_ids: Sequence[UUID], numbers: Numbers, connection: Connection) -> Outcomes:
        """The rows are locked before they are read: of two who confirm at once, the second finds nothing."""
        due = [parse_filing(row["body"]) for row in await connection.fetch(_SQL["provisional"], filing_ids)]
        book, decided = await self._decide(connection, due, numbers)
        await connection.execute(_SQL["confirmed"], [f.filing_id for f in _standing(due, decided)])
        await self._save(connection, book, due)
        return decided

    async def _save(self, connection: Connection, book: Book, due: Sequence[Filing]) -> None:
        filings = {filing.filing_id: filing for filing in due}
        with self._traced.written({entry.filing_id for entry in book.entries}) as context_of:
            await save_book(connection, book, filings, self.municipality, context_of)

    async def _decide(self, connection: Connection, due: Sequence[Filing], numbers: Numbers) -> tuple[Book, Outcomes]:
        book = await load_book(connection, due)
        whose = entered(due, numbers.references)
        book.references = numbers.references
        book.same_numbers = {mine: others for mine, others in numbers.same.items() if mine in whose}
        book.taken_numbers = await taken_numbers(connection, book.same_numbers, whose)
        return book, {filing.filing_id: _decided(book, filing) for filing in due}


def _standing(filings: Sequence[Filing], outcomes: Outcomes) -> list[Filing]:
    return [filing for filing in filings if outcomes[filing.filing_id].result == "registered"]


async def _repeated(connection: Connection, filings: Sequence[Filing]) -> Outcomes:
    known = await connection.fetch(_SQL["known_filings"], [filing.filing_id for filing in filings])
    return {row["filing_id"]: Outcome(row["filing_id"], "repeated") for row in known}


def _decided(book: Book, filing: Filing) -> Outcome:
    try:
        amendments = decide(book, filing)
    except FilingRefusedError as refusal:
        return refused(filing.filing_id, refusal)
    notices = tuple(notices_of(book, filing, amendments))
    book.enact(filing.filing_id, amendments)
    record = amendments[0].record
    residents = tuple(amendment.resident for amendment in amendments)
    household = record.household_number if record else None
    return Outcome(filing.filing_id, "registered", residents, household, notices=notices)


def refused(filing_id: UUID, refusal: FilingRefusedError) -> Outcome:
    """The outcome of a filing that broke a rule."""
    return Outcome(filing_id, "refused", code=refusal.rule.value, field=refusal.field, sentence=refusal.sentence)


def _second_version() -> FilingRefusedError:
    return FilingRefusedError(Rule.DIFFERENT_NUMBER, "filing_id", SECOND_VERSION)


def _not_provisional() -> FilingRefusedError:
    return FilingRefusedError(Rule.UNKNOWN_FILING, "filing_id", "no such provisional filing; look it up")
