"""What the rules decide is what PostgreSQL holds: every reason's occasion, filed on both, and its annulment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import asyncpg
import pytest

from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from producers.register.book import Entry
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.filings import Filing
from producers.register.findings import FilingRefusedError
from producers.register.registrar import Outcome, Registrar
from tests.unit.register.counter import Counter
from tests.unit.register.occasions import CLAIMED, OCCASIONS
from topics.check_digits import my_number_digit
from topics.items.resident import ResidentRecord
from topics.reasons import reason_code

CITY = "142158"


@pytest.fixture
async def city(settings: Settings) -> Settings:
    await prepare_databases(settings, (REGISTER_DATABASE, NUMBERS_DATABASE))
    return settings


class Twofold(Counter):
    """Files at the real register, and then on a book in memory with the numbers that the register gave."""

    def __init__(self, registrar: Registrar, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._registrar = registrar
        self._loop = loop
        self.outcomes: list[Outcome] = []
        self._bodies = (f"{number:011d}" for number in count(1))

    def filing(self, kind: str, **items: Any) -> Filing:
        """A filing; what the register gave is handed to the book. A number that is entered is nobody else's."""
        own = {"my_number": self._unused()} if kind == "number-entry" and "my_number" in items else {}
        filing = super().filing(kind, **items | own)
        registering = self._registrar.register([filing])
        outcome = asyncio.run_coroutine_threadsafe(registering, self._loop).result()[0]
        self.outcomes.append(outcome)
        self.book.addressee_numbers = iter([who for who in outcome.residents if who not in self.book.residents])
        self.book.household_numbers = iter([outcome.household_number or ""])
        return filing

    def _unused(self) -> str:
        body = next(self._bodies)
        return body + my_number_digit(body)


async def test_the_register_holds_what_the_rules_decide_for_every_reason(city: Settings) -> None:
    async with Registrar.open(city, CITY) as registrar:
        counter = Twofold(registrar, asyncio.get_running_loop())
        await asyncio.to_thread(_live, counter)
    assert {outcome.result for outcome in counter.outcomes} == {"registered"}
    async with _rows(city) as connection:
        residents = await connection.fetch("SELECT * FROM resident")
        history = await connection.fetch("SELECT * FROM history ORDER BY position")
        heads = await connection.fetch("SELECT household_number, head FROM household")
        due = await connection.fetch("SELECT addressee_number FROM due_removal")
    assert {row["addressee_number"]: _resident(row) for row in residents} == {
        who: (r.history_number, r.state, r.record) for who, r in counter.book.residents.items()
    }
    assert [_row(row) for row in history] == [_entry(counter, entry) for entry in counter.book.entries]
    assert {row["household_number"]: row["head"] for row in heads} == {
        home: counter.book.head_of(home) for home in counter.book.households
    }
    newest = {e.amendment.resident: e.amendment for e in counter.book.entries}
    waiting = {
        who for who, a in newest.items()
        if a.state == "active" and a.reason != "annulment-increase" and a.record and a.record.planned_move_out
    }  # fmt: skip
    assert {row["addressee_number"] for row in due} == waiting


def _live(counter: Twofold) -> None:
    """Every occasion, and half of them annulled."""
    for index, occasion in enumerate(OCCASIONS.values()):
        entries = occasion(counter)
        if index % 2:
            counter.file("annulment", annuls=str(entries[0].filing_id))


KEPT = (
    "resident", "household", "history", "filing", "outbox", "due_removal", "number_reference", "position_counter",
)  # fmt: skip
ILLEGAL: dict[str, dict[str, Any]] = {
    "REG-LATE": {"kind": "move-out-announced", "filed_on": "2026-04-16", "to": {"text": "合成国"}, "residents": True},
    "REG-DATE-NEEDED": {"kind": "former-name"},
    "REG-DATE-FOREIGN": {"kind": "renewal", **CLAIMED},
    "REG-DATE-IN-FUTURE": {"kind": "death", "changed_on": "2026-04-02"},
    "REG-DATE-EXACT": {"kind": "renewal", "changed_on": "2026-03-XX"},
    "REG-CLASS": {"kind": "residence-notice", "residence_status": "永住者", "notified_on": "2026-04-01"},
    "REG-NUMBER": {"kind": "number-correction", "my_number": "983205673214"},
    "REG-REASON": {"kind": "death", "filed_on": "1999-01-01", "changed_on": "1999-01-01"},
    "REG-ANNOUNCED": {"kind": "move-out-effective", "residents": True},
}


@pytest.mark.parametrize("code", ILLEGAL)
async def test_what_is_illegal_is_refused_by_its_code_and_leaves_no_trace(city: Settings, code: str) -> None:
    async with Registrar.open(city, CITY) as registrar:
        counter = Twofold(registrar, asyncio.get_running_loop())
        who = (await asyncio.to_thread(counter.family, "世帯主"))[0]
        before = await _trace(city)
        told = dict(ILLEGAL[code])
        named = {"residents": [who]} if told.pop("residents", False) else {"resident": who}
        if code == "REG-DATE-NEEDED":
            named["former"] = {"text": "旧姓", "kana": "きゅうせい"}  # type: ignore[assignment]
        with pytest.raises(FilingRefusedError) as refusal:
            await asyncio.to_thread(counter.file, **told, **named)
    assert (counter.outcomes[-1].code, refusal.value.rule) == (code, code)
    assert await _trace(city) == before


def _resident(row: Any) -> tuple[int, str, ResidentRecord | None]:
    record = row["record"]
    return row["history_number"], row["state"], record and ResidentRecord.model_validate_json(record)


def _row(row: Any) -> tuple[Any, ...]:
    return (row["addressee_number"], row["history_number"], row["filing_id"], row["kind"], row["reason"], row["state"],
            row["refers_to"], (row["group_index"], row["group_count"]))  # fmt: skip


def _entry(counter: Twofold, entry: Entry) -> tuple[Any, ...]:
    amendment, day = entry.amendment, counter.filings[entry.filing_id].filed_day
    reason = reason_code(amendment.reason, day)
    return (amendment.resident, entry.history_number, entry.filing_id, amendment.kind, reason, amendment.state,
            amendment.refers_to, (entry.index, entry.count))  # fmt: skip


async def _trace(settings: Settings) -> list[Any]:
    """Everything that a filing could leave, but for serials that were drawn and not used."""
    async with _rows(settings) as connection:
        return [await connection.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in KEPT]


@asynccontextmanager
async def _rows(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The database as its owner sees it."""
    name = REGISTER_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()
