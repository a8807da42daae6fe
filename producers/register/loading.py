"""Reads and locks the part of the register that a batch of filings concerns; locks are taken in one order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from producers.register.book import Book, Resident
from producers.register.filings import (
    Annulment,
    DomesticMoveIn,
    ExOfficioEntry,
    Filing,
    HouseholdSplit,
    Migration,
    MoveInFromAbroad,
    MoveWithin,
)
from producers.register.serials import SPARE, numbered
from topics.items.resident import ResidentRecord
from topics.messages.change import RecordState

_SQL = load_queries("producers.register", "queries.sql")
FOUNDING = (Migration, DomesticMoveIn, MoveInFromAbroad, ExOfficioEntry, MoveWithin, HouseholdSplit)
"""Filings that may make a household. No other takes a number: a gap would tell of it to whoever sees the numbers."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom a batch names: residents, households, filings to be annulled; and how many may be new."""

    residents: frozenset[str]
    households: frozenset[str]
    annulled: tuple[UUID, ...]
    new_residents: int
    new_households: int


def concerned(filings: Sequence[Filing]) -> Concerned:
    """What these filings name."""
    return Concerned(
        residents=frozenset(number for filing in filings for number in _named(filing)),
        households=frozenset(h for f in filings if (h := getattr(f, "household_number", None)) is not None),
        annulled=tuple(filing.annuls for filing in filings if isinstance(filing, Annulment)),
        new_residents=sum(len(getattr(f, "persons", ())) + (getattr(f, "child", None) is not None) for f in filings),
        new_households=sum(isinstance(filing, FOUNDING) for filing in filings),
    )


def _named(filing: Filing) -> Iterable[str]:
    holders = (*getattr(filing, "persons", ()), *getattr(filing, "places", ()))
    single = getattr(filing, "resident", None)
    numbers = (*(holder.addressee_number for holder in holders), *getattr(filing, "residents", ()), single)
    return (number for number in numbers if number is not None)


async def load_book(connection: Connection, filings: Sequence[Filing]) -> Book:
    """A book with everybody these filings concern, locked until the transaction ends."""
    whom = concerned(filings)
    book = Book()
    annulled = await connection.fetch(_SQL["annulled"], whom.annulled) if whom.annulled else []
    before = await _before_images(connection, annulled)
    residents = whom.residents | {row["addressee_number"] for row in annulled}
    homes = {r.record.household_number for r in before if r.record is not None}
    for resident in await _locked(connection, whom.households | homes, residents):
        book.add(resident)
    for resident in before:
        book.earlier[resident.addressee_number, resident.history_number] = resident
    for row in annulled:
        book.filed.setdefault(row["filing_id"], []).append((row["addressee_number"], row["history_number"]))
    book.addressee_numbers = iter(await _serials(connection, "addressee_serials", whom.new_residents))
    book.household_numbers = iter(await _serials(connection, "household_serials", whom.new_households))
    return book


async def _before_images(connection: Connection, annulled: Sequence[Any]) -> list[Resident]:
    numbers = [row["addressee_number"] for row in annulled]
    earlier = [row["history_number"] - 1 for row in annulled]
    return (
        [_resident(row) for row in await connection.fetch(_SQL["before_images"], numbers, earlier)] if numbers else []
    )


async def _locked(connection: Connection, households: Iterable[str], residents: Iterable[str]) -> list[Resident]:
    """Households first, then all their residents; again, should somebody have moved meanwhile."""
    known, named = set(households), sorted(residents)
    if not known and not named:
        return []
    while True:
        known |= {row["household_number"] for row in await connection.fetch(_SQL["households_of"], named)}
        await connection.execute(_SQL["lock_households"], sorted(known))
        rows = await connection.fetch(_SQL["lock_residents"], sorted(known), named)
        if {row["household_number"] for row in rows} <= known:
            return [_resident(row) for row in rows]


def _resident(row: Any) -> Resident:
    record = None if row["record"] is None else ResidentRecord.model_validate_json(row["record"])
    return Resident(row["addressee_number"], row["history_number"], RecordState(row["state"]), record)


async def _serials(connection: Connection, query: str, count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        drawn = await connection.fetch(_SQL[query], int((count - len(found)) * SPARE) + 1)
        found += numbered(row["serial"] for row in drawn)
    return list(islice(found, count))
