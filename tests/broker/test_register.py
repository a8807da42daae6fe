"""The register on a real PostgreSQL: numbers apart, nothing half done, positions in commit order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from infra.runtime.databases import Database
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.filings import Filing
from producers.register.numbers import sweep_orphans
from producers.register.registrar import Registrar
from producers.register.serials import numbered
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import live, load_city
from tests.filings import filing
from tests.unit.register.counter import AWAY, DAY, HOME, MY_NUMBER, RESIDENT_CODE, person
from topics.guarded import MyNumber, ResidentCode

CITY = "142158"
DENIED = {
    ("register", REGISTER_DATABASE): "DELETE FROM history",
    ("relay", REGISTER_DATABASE): "SELECT record FROM resident",
    ("auditor", REGISTER_DATABASE): "SELECT record FROM resident",
    ("register", NUMBERS_DATABASE): "SELECT sealed FROM number_version",
    ("hub_join", NUMBERS_DATABASE): "SELECT blind_index FROM number_version",
    ("number_sweep", NUMBERS_DATABASE): "SELECT sealed FROM number_version",
}


@pytest.fixture
async def city(settings: Settings) -> Settings:
    await prepare_databases(settings, (REGISTER_DATABASE, NUMBERS_DATABASE))
    return settings


async def test_a_refused_filing_leaves_nothing_and_stops_no_other(city: Settings) -> None:
    unknown = numbered([999_999_998, 999_999_999])[0]
    batch = [_move_in(), filing("death", resident=unknown), _move_in(people=[person("妻")]), _move_in()]
    async with Registrar.open(city, CITY) as registrar:
        outcomes = await registrar.register(batch)
    assert [o.result for o in outcomes] == ["registered", "refused", "refused", "registered"]
    assert [(o.code, o.field) for o in outcomes[1:3]] == [("REG-UNKNOWN-RESIDENT", "resident"), ("REG-HEAD", "persons")]
    async with _rows(city, REGISTER_DATABASE) as connection:
        assert await connection.fetchval("SELECT count(*) FROM filing") == 2
        assert await connection.fetchval("SELECT array_agg(position ORDER BY position) FROM outbox") == [1, 2]


async def test_the_same_filing_again_changes_nothing(city: Settings) -> None:
    filing = _move_in()
    async with Registrar.open(city, CITY) as registrar:
        first = await registrar.register([filing, filing])
        second = await registrar.register([filing])
    assert [o.result for o in (*first, *second)] == ["registered", "repeated", "repeated"]
    async with _rows(city, REGISTER_DATABASE) as connection:
        assert await connection.fetchval("SELECT count(*) FROM history") == 1
    async with _rows(city, NUMBERS_DATABASE) as connection:
        assert await connection.fetchval("SELECT count(*) FROM number_version") == 2


async def test_the_same_filing_with_another_number_is_refused(city: Settings) -> None:
    filing_id = uuid4()
    other = [person(my_number="983205673214")]
    async with Registrar.open(city, CITY) as registrar:
        await registrar.register([_move_in(filing_id)])
        outcome = (await registrar.register([_move_in(filing_id, people=other)]))[0]
    assert (outcome.result, outcome.code) == ("refused", "REG-DIFFERENT-NUMBER")


async def test_a_provisional_filing_emits_nothing_until_it_is_confirmed(city: Settings) -> None:
    filing = _move_in(provisional=True)
    async with Registrar.open(city, CITY) as registrar:
        assert (await registrar.register([filing]))[0].result == "provisional"
        async with _rows(city, REGISTER_DATABASE) as connection:
            assert await connection.fetchval("SELECT count(*) FROM outbox") == 0
            assert MY_NUMBER not in await connection.fetchval("SELECT body::text FROM filing")
        outcomes = await registrar.confirm([filing.filing_id])
        again = await registrar.confirm([filing.filing_id])
    assert [o.result for o in (*outcomes, *again)] == ["registered", "refused"]
    async with _rows(city, REGISTER_DATABASE) as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 1
        assert await connection.fetchval("SELECT record ->> 'my_number' FROM resident") is not None


async def test_a_provisional_change_of_a_number_finds_its_number_again(city: Settings) -> None:
    async with Registrar.open(city, CITY) as registrar:
        who = (await registrar.register([_move_in()]))[0].residents[0]
        told: dict[str, Any] = {"resident": who, "my_number": "983205673214", "claimed_on": DAY}
        change = filing("number-change-request", provisional=True, **told)
        assert (await registrar.register([change]))[0].result == "provisional"
        assert (await registrar.confirm([change.filing_id]))[0].result == "registered"
    async with _rows(city, REGISTER_DATABASE) as connection:
        numbers = await connection.fetch("SELECT record ->> 'my_number' FROM history ORDER BY position")
        bodies = await connection.fetchval("SELECT count(body) FROM filing")
    assert len({row[0] for row in numbers} - {None}) == 2
    assert bodies == 0


async def test_two_who_confirm_at_once_register_once(city: Settings) -> None:
    filing = _move_in(provisional=True)
    async with Registrar.open(city, CITY) as registrar:
        await registrar.register([filing])
        both = await asyncio.gather(*(registrar.confirm([filing.filing_id]) for _ in range(2)))
    assert sorted(outcome.result for outcomes in both for outcome in outcomes) == ["refused", "registered"]
    async with _rows(city, REGISTER_DATABASE) as connection:
        assert await connection.fetchval("SELECT count(*) FROM history") == 1


async def test_no_number_is_readable_in_either_database(city: Settings) -> None:
    async with Registrar.open(city, CITY) as registrar:
        await registrar.register([_move_in(), _move_in(provisional=True)])
    for database in (REGISTER_DATABASE, NUMBERS_DATABASE):
        async with _rows(city, database) as connection:
            everything = await _dump(connection)
        assert len(everything) > 1000
        for number in (MY_NUMBER, RESIDENT_CODE):
            assert number not in everything
            assert number.encode().hex() not in everything


@pytest.mark.parametrize(("role", "database"), DENIED, ids=lambda value: getattr(value, "kind", value))
async def test_a_role_may_do_no_more_than_its_work(city: Settings, role: str, database: Database) -> None:
    principal = {"relay": "register", "number_sweep": "register", "hub_join": "hub"}.get(role, role)
    connection = await connect(city, database.name(city.environment, CITY), role=role, principal=principal)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(DENIED[role, database])
    finally:
        await connection.close()


async def test_the_sweep_takes_orphans_and_nothing_else(city: Settings) -> None:
    refused = [person("妻", my_number=MY_NUMBER)]
    async with Registrar.open(city, CITY) as registrar:
        await registrar.register([_move_in(), _move_in(provisional=True), _move_in(people=refused)])
    assert await sweep_orphans(city, CITY) == 0
    assert await sweep_orphans(city, CITY, timedelta(0)) == 1
    async with _rows(city, NUMBERS_DATABASE) as connection:
        assert await connection.fetchval("SELECT count(*) FROM number_version") == 4


async def test_writers_side_by_side_never_swap(city: Settings) -> None:
    async with Registrar.open(city, CITY) as registrar:
        outcomes = await registrar.register([_move_in() for _ in range(5)])
        residents = [outcome.residents[0] for outcome in outcomes]
        await asyncio.gather(*(_correct_again_and_again(city, residents, year) for year in (1950, 1960, 1970)))
    async with _rows(city, REGISTER_DATABASE) as connection:
        rows = await connection.fetch(
            "SELECT position, addressee_number, history_number FROM history ORDER BY position"
        )
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    for resident in residents:
        numbers = [row["history_number"] for row in rows if row["addressee_number"] == resident]
        assert numbers == list(range(1, 32))


async def test_the_same_seed_lives_the_same_life(city: Settings) -> None:
    other = city.model_copy(update={"environment": city.environment + "b"})
    await prepare_databases(other, (REGISTER_DATABASE, NUMBERS_DATABASE))
    lives = [await _life(settings) for settings in (city, other)]
    assert lives[0] == lives[1]
    assert len(lives[0]) == 300 + 200


async def test_a_synthetic_city_is_what_it_says() -> None:
    city = SyntheticCity(5, CITY, 1000)
    people = [person for batch in city.initial() for filing, _ in batch for person in filing.persons]
    assert len(people) == 1000
    assert all(isinstance(p.my_number, MyNumber) for p in people)
    assert all(isinstance(p.resident_code, ResidentCode) for p in people)
    assert 5 <= sum(p.foreign is not None for p in people) <= 60
    gaiji = sum("髙" in p.name.text or "\U000e0100" in p.name.text for p in people)
    assert 5 <= gaiji <= 50


async def _life(settings: Settings) -> list[tuple[Any, ...]]:
    synthetic = SyntheticCity(11, CITY, 300)
    async with Registrar.open(settings, CITY) as registrar:
        assert await load_city(registrar, synthetic) == 300
        assert await live(registrar, synthetic, 200) == 200
    async with _rows(settings, REGISTER_DATABASE) as connection:
        query = "SELECT position, filing_id, addressee_number, history_number, reason, record FROM history ORDER BY 1"
        return [tuple(row) for row in await connection.fetch(query)]


async def _correct_again_and_again(settings: Settings, residents: list[str], year: int) -> None:
    async with Registrar.open(settings, CITY) as registrar:
        for turn in range(10):
            filings = [
                filing("ex-officio-correction", resident=resident, birth_date=f"{year + turn}-01-0{1 + turn % 9}")
                for resident in (residents if turn % 2 else residents[::-1])
            ]
            outcomes = await registrar.register(filings)
            assert {outcome.result for outcome in outcomes} == {"registered"}


def _move_in(
    filing_id: UUID | None = None, *, people: list[dict[str, Any]] | None = None, provisional: bool = False
) -> Filing:
    told = people or [person(my_number=MY_NUMBER, resident_code=RESIDENT_CODE)]
    items = {"origin": AWAY, "address": HOME, "persons": told, "provisional": provisional}
    return filing("move-in-domestic", filing_id=filing_id or uuid4(), **items)


async def _dump(connection: asyncpg.Connection) -> str:
    """Every column of every table, as text."""
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [row for table in tables for row in await connection.fetch(f"SELECT t::text FROM {table['tablename']} t")]
    return "\n".join(row["t"] for row in rows)


@asynccontextmanager
async def _rows(settings: Settings, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The database as its owner sees it."""
    name = database.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()
