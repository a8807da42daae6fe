"""Search at the counter on a real register: who is found, what is written down of it, what is refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, get_args, get_type_hints
from uuid import uuid4

import asyncpg
import pytest
from pydantic_core import to_json
from typer.testing import CliRunner

from hub.commandline.deployment import prepare
from hub.commandline.main import app
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from producers.register.access import Occasion, subject_cipher
from producers.register.databases import REGISTER_DATABASE
from producers.register.filings import parse_filing
from producers.register.lookup import find_resident
from producers.register.registrar import Registrar
from producers.register.search import MOST, Listed, search_residents, wanted
from producers.register.search_keys import complete_search_keys
from tests.unit.register.counter import AWAY, DAY, HOME, MY_NUMBER, RESIDENT_CODE, person
from topics.guarded import Guarded, MyNumber, ResidentCode

CITY = "142158"
BIRTH = "1980-02-29"
OCCASION = Occasion("counter-1", "synthetic filing", "2026-0001")
NAME = {"text": "髙橋　𠮷子", "kana": "たかはし　よしこ"}


@pytest.fixture
async def city(settings: Settings) -> Settings:
    """A prepared deployment."""
    await prepare(settings)
    return settings


@pytest.fixture
async def resident(city: Settings) -> str:
    """One resident with both numbers."""
    (number,) = await move_in(city, [person(my_number=MY_NUMBER, resident_code=RESIDENT_CODE, name=NAME)])
    return number


async def move_in(settings: Settings, people: list[dict[str, Any]]) -> list[str]:
    filings = [
        parse_filing(to_json({
            "kind": "move-in-domestic", "filing_id": uuid4(), "operator": "synthetic-1", "filed_on": DAY,
            "changed_on": DAY, "origin": AWAY, "address": HOME, "persons": [one],
        }))
        for one in people
    ]  # fmt: skip
    async with Registrar.open(settings, CITY) as registrar:
        return [outcome.residents[0] for outcome in await registrar.register(filings)]


@pytest.mark.parametrize("name", ["髙橋𠮷子", "高橋", "タカハシ", "たかはし　よし", "高橋 𠮷子"])
async def test_a_name_or_reading_or_its_beginning_finds(city: Settings, resident: str, name: str) -> None:
    (found,) = await search_residents(city, CITY, wanted(name, BIRTH), OCCASION)
    assert (found.addressee_number, found.name, found.birth_date) == (resident, NAME["text"], BIRTH)
    assert await search_residents(city, CITY, wanted(name, "1980-02-28"), OCCASION) == []


async def test_every_look_up_is_a_row_that_tells_whom_sealed(city: Settings, resident: str) -> None:
    await search_residents(city, CITY, wanted("高橋", BIRTH), OCCASION)
    await search_residents(city, CITY, wanted("高橋太郎", BIRTH), OCCASION)
    assert await find_resident(city, CITY, MyNumber(MY_NUMBER), OCCASION) == resident
    assert await find_resident(city, CITY, ResidentCode(RESIDENT_CODE), OCCASION) == resident
    rows, cipher = await _log(city), subject_cipher(city)
    assert [(row["question"], row["found"], row["number_touched"]) for row in rows] == [
        ("search", 1, False), ("search", 0, False), ("number", 1, True), ("number", 1, True),
    ]  # fmt: skip
    told = [[cipher.open(str(row["lookup_id"]), each).decode() for each in row["subjects"]] for row in rows]
    assert told == [[resident], [], [resident], [resident]]
    assert {(row["operator"], row["purpose"], row["case_number"]) for row in rows} == {OCCASION.told()}
    assert resident not in str([dict(row) for row in rows])


async def test_too_many_are_not_shown_and_the_question_is_kept(city: Settings) -> None:
    await move_in(city, [person(name=NAME) for _ in range(MOST + 1)])
    with pytest.raises(Refusal, match="KRN-SEARCH-MANY"):
        await search_residents(city, CITY, wanted("高橋", BIRTH), OCCASION)
    assert [(row["found"], row["too_many"], row["subjects"]) for row in await _log(city)] == [(MOST + 1, True, [])]


@pytest.mark.parametrize(
    ("name", "birth", "code"),
    [
        ("高*", BIRTH, "WILDCARD"), ("高橋%", BIRTH, "WILDCARD"), ("高_", BIRTH, "WILDCARD"),
        ("＊＊", BIRTH, "WILDCARD"), ("高ー", BIRTH, "SHORT"),
        ("高", BIRTH, "SHORT"), ("葛\U000e0100", BIRTH, "SHORT"), ("　　", BIRTH, "SHORT"), ("ーーー", BIRTH, "SHORT"),
        ("高橋", "1980-02-30", "BIRTH"), ("高橋", "", "BIRTH"), ("高橋", "1980-02-29\n", "BIRTH"),
        ("高橋", "１９８０-02-29", "BIRTH"),
    ],
)  # fmt: skip
def test_what_would_find_anybody_is_refused(name: str, birth: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        wanted(name, birth)
    assert caught.value.code == f"KRN-SEARCH-{code}"
    assert "橋" not in str(caught.value)


@pytest.mark.parametrize(
    ("occasion", "field"),
    [(Occasion("X", "p", "c1"), "operator"), (Occasion("counter-1", "", "c1"), "purpose"),
     (Occasion("counter-1", "p", ""), "case_number"), (Occasion("counter-1", f"of {MY_NUMBER}", "c1"), "purpose"),
     (Occasion("counter-1", "p", MY_NUMBER), "case_number")],
)  # fmt: skip
async def test_without_a_case_there_is_no_answer(city: Settings, resident: str, occasion: Occasion, field: str) -> None:
    with pytest.raises(Refusal, match=f"KRN-LOOKUP: {field}") as caught:
        await search_residents(city, CITY, wanted("高橋", BIRTH), occasion)
    assert MY_NUMBER not in str(caught.value)


def test_a_list_has_no_type_that_holds_a_number() -> None:
    hints = get_type_hints(Listed)
    assert set(hints) == {"addressee_number", "name", "kana", "birth_date", "address", "state"}
    assert not [hint for hint in hints.values() for part in (hint, *get_args(hint)) if _is_guarded(part)]


@pytest.mark.parametrize("number", [MY_NUMBER, RESIDENT_CODE])
@pytest.mark.parametrize("field", ["addressee_number", "name", "kana", "birth_date", "address", "state"])
def test_no_field_of_a_list_takes_a_number(field: str, number: str) -> None:
    told = {"addressee_number": "0000000019", "name": "合成", "kana": "ごうせい", "birth_date": BIRTH,
            "address": "海老名市", "state": "active"}  # fmt: skip
    try:
        shown = Listed.model_validate(told | {field: number})
    except ValueError as error:
        assert number not in str(error)
    else:
        assert number not in str(shown.model_dump())


async def test_residents_from_before_get_their_keys(city: Settings, resident: str) -> None:
    async with _owner(city) as connection:
        await connection.execute("DELETE FROM search_key")
    assert await search_residents(city, CITY, wanted("高橋", BIRTH), OCCASION) == []
    assert (await complete_search_keys(city, CITY), await complete_search_keys(city, CITY)) == (1, 0)
    assert len(await search_residents(city, CITY, wanted("高橋", BIRTH), OCCASION)) == 1


async def test_keys_follow_a_correction(city: Settings, resident: str) -> None:
    renamed = {"kind": "ex-officio-correction", "filing_id": uuid4(), "operator": "synthetic-1", "filed_on": DAY,
               "changed_on": DAY, "resident": resident,
               "name": {"text": "渡邊　花子", "kana": "わたなべ　はなこ"}}  # fmt: skip
    async with Registrar.open(city, CITY) as registrar:
        assert [o.result for o in await registrar.register([parse_filing(to_json(renamed))])] == ["registered"]
    assert await search_residents(city, CITY, wanted("高橋", BIRTH), OCCASION) == []
    assert len(await search_residents(city, CITY, wanted("わたなへ", BIRTH), OCCASION)) == 1


@pytest.mark.parametrize("statement", ["SELECT * FROM search_key", "SELECT * FROM access_log", "SELECT * FROM resident",
                                       "DELETE FROM access_log"])  # fmt: skip
async def test_the_counter_reads_by_its_functions_alone(city: Settings, statement: str) -> None:
    name = REGISTER_DATABASE.name(city.environment, CITY)
    connection = await connect(city, name, role="counter", principal="register")
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_command_answers_and_repeats_no_name_in_a_refusal(city: Settings, resident: str) -> None:
    shell = CliRunner(env=environment_of(city.model_dump()))
    asked = ["counter", "search", "--birth", BIRTH, "--operator", "counter-1", "--purpose", "a filing", "--case", "c1"]
    found = await asyncio.to_thread(shell.invoke, app, [*asked, "--name", "高橋", "--json"])
    assert [row["addressee_number"] for row in json.loads(found.stdout)] == [resident]
    assert (await asyncio.to_thread(shell.invoke, app, [*asked, "--name", "高橋"])).exit_code == 0
    refused = await asyncio.to_thread(shell.invoke, app, [*asked, "--name", "高橋*"])
    assert (refused.exit_code, "KRN-SEARCH-WILDCARD" in refused.output, "高橋" in refused.output) == (1, True, False)


def _is_guarded(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, Guarded)


async def _log(settings: Settings) -> list[Any]:
    async with _owner(settings) as connection:
        rows: list[Any] = await connection.fetch("SELECT * FROM access_log ORDER BY asked_at")
        return rows


@asynccontextmanager
async def _owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The register's database, as its owner."""
    name = REGISTER_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()
