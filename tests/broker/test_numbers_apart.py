"""Numbers live apart: who reads them, by which way, and what everybody else is told by the database."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from hub.commandline.deployment import databases, prepare
from hub.commandline.main import app
from infra.check.sources import read_register
from infra.runtime.databases import database_name
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from producers.register.access import Occasion
from producers.register.lookup import find_resident
from producers.register.registrar import Registrar
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import load_city
from topics.declared import declared_by_recipient
from topics.guarded import MyNumber

CITY = "142158"
READERS = {"hub_join", "auditor"}
OCCASION = Occasion("counter-1", "synthetic filing", "2026-0001")
UNKNOWN = "123456789018"
FORBIDDEN = [
    ("register", "SELECT sealed FROM number_version"),
    ("register", "SELECT reference FROM number_version ORDER BY blind_index"),
    ("register", "SELECT reference FROM number_version WHERE blind_index = '\\x00'"),
    ("register", "UPDATE number_version SET sealed = '\\x00'"),
    ("register", "SELECT find_references('\\x00', 'a', 'b', 'c')"),
    ("counter", "SELECT reference FROM number_version"),
    ("counter", "SELECT * FROM number_lookup"),
    ("counter", "DELETE FROM number_lookup"),
    ("hub_join", "SELECT blind_index FROM number_version"),
    ("hub_join", "INSERT INTO number_version VALUES ('a', 'my-number', gen_random_uuid(), 0, '', '')"),
    ("number_sweep", "SELECT sealed FROM number_version"),
    ("hub_join", "SET ROLE register"),
]


@pytest.fixture
async def city(settings: Settings) -> Settings:
    """A prepared deployment with a handful of residents."""
    await prepare(settings)
    async with Registrar.open(settings, CITY) as registrar:
        await load_city(registrar, SyntheticCity(3, CITY, 20))
    return settings


@pytest.fixture
async def numbers(city: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The numbers database, as its owner."""
    connection = await _as(city, "admin", "admin")
    yield connection
    await connection.close()


async def _as(settings: Settings, role: str, principal: str) -> asyncpg.Connection:
    return await connect(settings, database_name("numbers", settings.environment, CITY), role=role, principal=principal)


async def test_only_the_join_and_the_auditor_may_read_a_value(numbers: asyncpg.Connection) -> None:
    rows = await numbers.fetch(
        "SELECT grantee FROM information_schema.column_privileges WHERE table_name = 'number_version' "
        "AND column_name = 'sealed' AND privilege_type = 'SELECT'"
    )
    assert {row["grantee"] for row in rows} - {"admin"} == READERS


async def test_nobody_else_may_even_come_in(city: Settings) -> None:
    may = set(next(database.roles for database in databases(city) if database.kind == "numbers"))
    others = {role for database in databases(city) for role in database.roles} - may
    assert others >= {"hub", "relay", *declared_by_recipient()}
    for role in sorted(others):
        with pytest.raises(Refusal, match="InsufficientPrivilegeError 42501"):
            await _as(city, role, "hub")


@pytest.mark.parametrize(("role", "statement"), FORBIDDEN)
async def test_other_ways_are_closed(city: Settings, role: str, statement: str) -> None:
    connection = await _as(city, role, "register")
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as caught:
            await connection.execute(statement)
        assert caught.value.sqlstate == "42501"
    finally:
        await connection.close()


async def test_a_stored_number_is_sealed(numbers: asyncpg.Connection) -> None:
    rows: list[Any] = await numbers.fetch("SELECT sealed, blind_index FROM number_version")
    assert len(rows) >= 20
    assert not [row for row in rows if row["sealed"].isdigit() or len(row["blind_index"]) != 32]


async def test_the_counter_finds_a_holder_and_every_question_is_logged(
    city: Settings, numbers: asyncpg.Connection
) -> None:
    number, resident = await _somebody(city)
    assert await find_resident(city, CITY, MyNumber(number), OCCASION) == resident
    assert await find_resident(city, CITY, MyNumber(UNKNOWN), OCCASION) is None
    rows = await numbers.fetch("SELECT operator, purpose, case_number, found FROM number_lookup ORDER BY id")
    asked = (OCCASION.operator, OCCASION.purpose, OCCASION.case_number)
    assert [tuple(row) for row in rows] == [(*asked, 1), (*asked, 0)]


@pytest.mark.parametrize(
    ("occasion", "field"),
    [
        (Occasion("Not An Account", "p", "c"), "operator"),
        (Occasion("counter-1", "", "c"), "purpose"),
        (Occasion("counter-1", "p", ""), "case_number"),
    ],
)
async def test_without_a_case_there_is_no_answer(city: Settings, occasion: Occasion, field: str) -> None:
    with pytest.raises(Refusal, match=f"KRN-LOOKUP: {field}") as caught:
        await find_resident(city, CITY, MyNumber(UNKNOWN), occasion)
    assert UNKNOWN not in str(caught.value)


def test_the_command_asks_without_echo_and_quotes_nothing(settings: Settings) -> None:
    shell = CliRunner(env=environment_of(settings.model_dump()))
    asked = ["counter", "find", "--operator", "counter-1", "--purpose", "synthetic", "--case", "1"]
    result = shell.invoke(app, asked, input="123456789019\n")
    assert (result.exit_code, "KRN-NUMBER" in result.output) == (1, True)
    assert "123456789019" not in result.output


async def _somebody(settings: Settings) -> tuple[str, str]:
    """One resident's My Number and addressee number, opened as the verifier would."""
    register = await read_register(settings, CITY)
    for resident, history in register.histories.items():
        record = history[-1].record or {}
        if "my_number" in record:
            return register.numbers[record["my_number"]], resident
    raise AssertionError("nobody has a number")
