"""Link codes in the linkage role's own database: they come and go with the copy, rotate, and are nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import asyncpg
import pytest
from typer.testing import CliRunner

from consumers.databases import database_of
from consumers.intermediate.apply import SecondaryCopy
from consumers.intermediate.code_counts import code_counts
from consumers.intermediate.code_table import CodeTable, code_of, holder
from consumers.intermediate.link_codes import link_code, secret_name
from consumers.intermediate.rotation import rotate
from hub.commandline.main import app
from infra.runtime.keys import holds_secret, load_key
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from topics.declared import declared_by_recipient
from topics.guarded import LinkCode
from topics.institutions import institutions_on
from topics.messages.delivery import Delivery

CITY, ROLE = "142158", "intermediate"
PENSION, TAX = "pension-office", "tax-office"
OVERLAP = timedelta(days=7)
GRANT = declared_by_recipient()[ROLE]
_numbers = count(1)


@pytest.fixture
async def city(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The linkage role's database, with institutions' secrets of its own."""
    await prepare_databases(settings, (database_of(GRANT),))
    own = tmp_path_factory.mktemp("keys")
    for file in settings.keys_directory.glob("postgres-*.key"):
        (own / file.name).write_bytes(file.read_bytes())
        (own / file.name).chmod(0o600)
    return settings.model_copy(update={"keys_directory": own})


async def test_a_person_who_comes_gets_a_code_of_each_institution_and_loses_them_on_leaving(city: Settings) -> None:
    await _apply(city, anna=1, ben=1)
    await _apply(city, anna=2)
    before = await _codes(city, "anna", "ben")
    assert len({code for codes in before.values() for code in codes}) == 2 * len(_institutions())
    await _apply(city, kind="tombstone", anna=3)
    assert await _codes(city, "anna", "ben") == {"ben": before["ben"], "anna": []}
    assert await _holder(city, PENSION, _made(city, PENSION, "anna")) is None
    await _apply(city, anna=4)
    assert await _codes(city, "anna", "ben") == before
    assert all(counted.is_whole for counted in await code_counts(city))


async def test_a_code_is_looked_up_by_its_institution_alone(city: Settings) -> None:
    await _apply(city, anna=1)
    code = _made(city, PENSION, "anna")
    async with _connected(city) as connection:
        assert await code_of(connection, CITY, PENSION, "anna", datetime.now(UTC)) == code
    assert await _holder(city, PENSION, code) == "anna"
    assert await _holder(city, TAX, code) is None
    assert await _holder(city, PENSION, _made(city, TAX, "anna")) is None
    assert await _holder(city, PENSION, code, at=datetime.now(UTC) - timedelta(days=1)) is None


async def test_a_rotation_overlaps_and_destroys_the_earlier_secret(city: Settings) -> None:
    await _apply(city, anna=1, ben=1)
    old, other = _made(city, PENSION, "anna"), _made(city, TAX, "anna")
    assert await rotate(city, PENSION, OVERLAP) == 2
    assert not holds_secret(city, secret_name(PENSION, 1)) and holds_secret(city, secret_name(TAX, 1))
    new = _made(city, PENSION, "anna", epoch=2)
    assert new != old
    within, after = (datetime.now(UTC) + OVERLAP + timedelta(minutes=minutes) for minutes in (-1, 1))
    assert [await _holder(city, PENSION, code, at=within) for code in (old, new)] == ["anna", "anna"]
    assert [await _holder(city, PENSION, code, at=after) for code in (old, new)] == [None, "anna"]
    assert await _holder(city, TAX, other, at=after) == "anna"
    await _apply(city, carl=1)
    assert await _holder(city, PENSION, _made(city, PENSION, "carl", epoch=2)) == "carl"
    await _apply(city, kind="tombstone", anna=2)
    assert [await _holder(city, PENSION, code) for code in (old, new)] == [None, None]
    assert all(counted.is_whole for counted in await code_counts(city))


async def test_nobody_slips_through_a_rotation(city: Settings) -> None:
    """Persons come into the copy while every institution's epoch ends."""
    await _apply(city, first=1)
    arrivals = [_apply_all(city, {f"p{n}": 1}) for n in range(20)]
    rotations = [rotate(city, institution, OVERLAP) for institution in _institutions()]
    await asyncio.gather(*arrivals[:10], *rotations, *arrivals[10:])
    counted = await code_counts(city)
    assert {(each.institution, each.epoch) for each in counted if each.valid == 21} >= {
        (institution, 2) for institution in _institutions()
    }
    assert all(each.is_whole for each in counted)


async def test_an_interrupted_rotation_is_finished_by_the_next(city: Settings) -> None:
    both = city.model_copy(update={"municipalities": (CITY, "142166")})
    await prepare_databases(both, (database_of(GRANT),))
    for municipality in both.municipalities:
        await _apply(both, municipality=municipality, anna=1)
    assert await rotate(city, PENSION, OVERLAP) == 2
    assert await rotate(both, PENSION, OVERLAP) == 2
    assert await rotate(both, PENSION, OVERLAP) == 3


async def test_each_registration_and_deletion_leaves_version_and_publication_period(city: Settings) -> None:
    await _apply(city, anna=1)
    await _apply(city, anna=2)
    await _apply(city, kind="tombstone", anna=3)
    asked = "SELECT kind, version, published_to >= published_from AS ended FROM registration ORDER BY id"
    async with _connected(city) as connection:
        rows = [tuple(row) for row in await connection.fetch(asked)]
    assert rows == [("registration", 1, True), ("registration", 2, True), ("deletion", 2, True)]


@pytest.mark.parametrize("role", ["auditor", "hub", "welfare"])
async def test_nobody_else_reads_a_code(city: Settings, role: str) -> None:
    await _apply(city, anna=1)
    with pytest.raises((asyncpg.InsufficientPrivilegeError, Refusal)):
        async with _connected(city, role) as connection:
            await connection.fetch("SELECT code FROM link_code")


async def test_the_commands_rotate_and_count(city: Settings) -> None:
    await _apply(city, anna=1)
    shell = CliRunner(env=environment_of(city.model_dump()))
    rotated = await asyncio.to_thread(shell.invoke, app, ["linkage", "rotate", PENSION])
    assert rotated.exit_code == 0 and "epoch 2" in rotated.output
    assert (await asyncio.to_thread(shell.invoke, app, ["linkage", "check"])).exit_code == 0
    refused = await asyncio.to_thread(shell.invoke, app, ["linkage", "rotate", "former-institute"])
    assert refused.exit_code == 1
    async with _connected(city, "admin") as connection:
        await connection.execute("DELETE FROM link_code WHERE institution = $1", TAX)
    assert (await asyncio.to_thread(shell.invoke, app, ["linkage", "check"])).exit_code == 2


def _institutions() -> tuple[str, ...]:
    return institutions_on(datetime.now(UTC).date())


def _made(settings: Settings, institution: str, link_number: str, *, epoch: int = 1) -> LinkCode:
    return link_code(load_key(settings, secret_name(institution, epoch)), institution, link_number)


async def _apply(settings: Settings, *, municipality: str = CITY, kind: str = "changed", **persons: int) -> None:
    await _apply_all(settings, persons, municipality=municipality, kind=kind)


async def _apply_all(
    settings: Settings, persons: Mapping[str, int], *, municipality: str = CITY, kind: str = "changed"
) -> None:
    """One transaction of the copy: each person by link number with the sequence of her delivery."""
    deliveries = [_delivery(municipality, kind, name, sequence) for name, sequence in persons.items()]
    copy = SecondaryCopy(CodeTable(settings))
    async with _connected(settings, municipality=municipality) as connection, connection.transaction():
        await copy.apply(connection, municipality, deliveries)


def _delivery(municipality: str, kind: str, name: str, sequence: int) -> Delivery:
    gone = kind == "tombstone"
    told = {"kind": kind, "state": "absent" if gone else "active", "items": {} if gone else {"sex": "1"}}
    place = {"recipient": ROLE, "municipality": municipality, "generation": 1, "number": next(_numbers)}
    return Delivery.model_validate(
        {**place, **told, "sequence": sequence, "subject": f"subject-{name}", "link_number": name}
    )


async def _codes(settings: Settings, *persons: str) -> Mapping[str, list[str]]:
    """The codes each person has now, of all institutions: what no function of the role itself tells."""
    asked = "SELECT code FROM link_code WHERE link_number = $1 AND (valid_to IS NULL OR valid_to > now()) ORDER BY 1"
    async with _connected(settings) as connection:
        return {name: [row["code"] for row in await connection.fetch(asked, name)] for name in persons}


async def _holder(settings: Settings, institution: str, code: LinkCode, at: datetime | None = None) -> str | None:
    async with _connected(settings) as connection:
        moment = at or await connection.fetchval("SELECT clock_timestamp()")
        return await holder(connection, CITY, institution, code, moment)


@asynccontextmanager
async def _connected(
    settings: Settings, role: str = ROLE, *, municipality: str = CITY
) -> AsyncIterator[asyncpg.Connection]:
    name = database_of(GRANT).name(settings.environment, municipality)
    connection = await connect(settings, name, role=role, principal=role)
    try:
        yield connection
    finally:
        await connection.close()
