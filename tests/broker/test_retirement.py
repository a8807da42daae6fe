"""A key's marks are never short: numbers being given at that moment are waited for; killed, a step is done again."""

import asyncio
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from consumers.databases import database_of
from hub.commandline.deployment import grants_now, prepare
from hub.commandline.keys.change import destroy, destruction, retire, rotate
from hub.databases import HUB_DATABASE
from infra.runtime.key_ring import read_register
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from tests.polling import until
from topics.catalogue import HUB, in_topic, out_topic
from topics.declared import declared_by_recipient
from topics.envelope.keys import KeyState, PublicKey, place

CITY = "142158"
PARTY = "welfare"
DEADLINE_SECONDS = 30.0
GRANT = declared_by_recipient()[PARTY]


@pytest.fixture
async def own(settings: Settings, tmp_path: Path) -> Settings:
    """An environment with a key register of its own, whose hub has given `PARTY` no number yet."""
    await prepare(settings)
    mine = settings.model_copy(
        update={
            "keys_directory": shutil.copytree(settings.keys_directory, tmp_path / "keys"),
            "key_register_directory": shutil.copytree(settings.key_register_directory, tmp_path / "register"),
        }
    )
    async with _hub(mine) as connection:
        await connection.executemany(
            "INSERT INTO recipient (name, generation) VALUES ($1, 1)",
            [(grant.recipient,) for grant in grants_now(mine)],
        )
    return mine


@asynccontextmanager
async def _hub(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    async with _connected(settings, HUB_DATABASE.name(settings.environment, CITY), HUB) as connection:
        yield connection


@asynccontextmanager
async def _party(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    async with _connected(settings, database_of(GRANT).name(settings.environment, CITY), PARTY) as connection:
        yield connection


@asynccontextmanager
async def _connected(settings: Settings, database: str, role: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(settings, database, role=role, principal=role)
    try:
        yield connection
    finally:
        await connection.close()


def _line(settings: Settings, key_id: str) -> PublicKey:
    return read_register(settings.key_register_directory).keys[key_id]


def _followed(settings: Settings, principal: str, *, seals: bool) -> str:
    """The id of the present key, once there is another to follow it."""
    line = read_register(settings.key_register_directory).newest(principal, seals=seals)
    assert line is not None
    rotate(settings, principal, seal=seals, sign=not seals)
    return line.key_id


async def _is_retiring(settings: Settings, key_id: str) -> None:
    async def condition() -> bool:
        return _line(settings, key_id).state is KeyState.RETIRING

    await until(condition, DEADLINE_SECONDS)


@pytest.mark.parametrize(("principal", "seals"), [(PARTY, True), (HUB, False)])
async def test_the_router_under_way_is_waited_for(own: Settings, principal: str, seals: bool) -> None:
    key = _followed(own, principal, seals=seals)
    async with _hub(own) as connection:
        async with connection.transaction():
            await connection.execute("SELECT epoch FROM head FOR UPDATE")
            await connection.execute("UPDATE recipient SET last_number = 7 WHERE name = $1", PARTY)
            retirement = asyncio.create_task(retire(own, key))
            await _is_retiring(own, key)
        done = await retirement
    assert (done.state, dict(done.marks)) == (KeyState.RETIRED, {place(out_topic(own.environment, GRANT), CITY): 7})
    assert _line(own, key) == done


@pytest.mark.parametrize(("principal", "seals"), [(PARTY, False), (HUB, True)])
async def test_a_partys_batch_under_way_is_waited_for(own: Settings, principal: str, seals: bool) -> None:
    """It signs before it takes its numbers: the lock it holds meanwhile is that of its progress."""
    key = _followed(own, principal, seals=seals)
    async with _party(own) as connection:
        await connection.execute("INSERT INTO progress VALUES ('synthetic', 0, 0)")
        async with connection.transaction():
            await connection.execute("SELECT next_offset FROM progress FOR UPDATE")
            retirement = asyncio.create_task(retire(own, key))
            await _is_retiring(own, key)
            await connection.execute("INSERT INTO inbound_counter VALUES ($1, 9)", CITY)
        done = await retirement
    assert dict(done.marks) == {place(in_topic(own.environment, PARTY), CITY): 9}


async def test_a_retirement_that_is_killed_is_completed_by_running_it_again(own: Settings) -> None:
    key = _followed(own, PARTY, seals=True)
    async with _hub(own) as connection:
        await connection.execute("UPDATE recipient SET last_number = 7 WHERE name = $1", PARTY)
        async with connection.transaction():
            await connection.execute("SELECT epoch FROM head FOR UPDATE")
            command = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub", "keys", "retire", key, env=environment_of(own.model_dump())
            )
            await _is_retiring(own, key)
            command.send_signal(signal.SIGKILL)
            await command.wait()
    assert _line(own, key).good_for(out_topic(own.environment, GRANT), CITY, 8)
    done = await retire(own, key)
    assert [done.good_for(out_topic(own.environment, GRANT), CITY, number) for number in (7, 8)] == [True, False]


async def test_a_key_is_kept_until_what_is_under_it_was_taken_in(own: Settings) -> None:
    key = _followed(own, PARTY, seals=True)
    async with _hub(own) as hub, _party(own) as party:
        await hub.execute("UPDATE recipient SET last_number = 7, acknowledged_number = 6 WHERE name = $1", PARTY)
        await party.execute("INSERT INTO number_gate VALUES ($1, 1, 8)", CITY)
        await retire(own, key)
        assert await _refused(own, key) == "KRN-KEY-UNREAD"
        await hub.execute("UPDATE recipient SET acknowledged_number = 7 WHERE name = $1", PARTY)
        await party.execute("INSERT INTO missing VALUES ($1, 1, 3)", CITY)
        assert await _refused(own, key) == "KRN-KEY-UNREAD"
        await party.execute("DELETE FROM missing")
    gone = await destruction(own, key)
    assert gone.state is KeyState.DESTROYED


async def test_what_a_revoked_recipient_did_not_read_is_not_waited_for(own: Settings) -> None:
    key = _followed(own, PARTY, seals=True)
    async with _hub(own) as hub:
        await hub.execute("UPDATE recipient SET last_number = 7 WHERE name = $1", PARTY)
        await hub.execute("INSERT INTO grant_standing VALUES ($1, 1, 2, now())", PARTY)
    await retire(own, key)
    assert (await destruction(own, key)).state is KeyState.DESTROYED


async def test_the_hubs_seal_key_is_kept_until_messages_were_taken_in(own: Settings) -> None:
    key = _followed(own, HUB, seals=True)
    async with _party(own) as party, _hub(own) as hub:
        await party.execute("INSERT INTO inbound_counter VALUES ($1, 9)", CITY)
        await retire(own, key)
        await hub.execute("INSERT INTO inbox_progress VALUES ($1, 9)", PARTY)
        assert await _refused(own, key) == "KRN-KEY-UNREAD"
        await hub.execute("UPDATE inbox_progress SET next_number = 10")
    assert (await destruction(own, key)).state is KeyState.DESTROYED


async def test_no_content_key_stays_under_a_destroyed_key(own: Settings) -> None:
    """Else the hub could open the newest run for as long as no other has followed it."""
    key = _followed(own, PARTY, seals=True)
    async with _hub(own) as hub:
        await hub.execute("INSERT INTO seal_run VALUES ($1, 1, 1, '', $2, '', '', $3)", PARTY, key, b"synthetic")
        await hub.execute("INSERT INTO seal_run VALUES ($1, 1, 2, '', 'another', '', '', $2)", PARTY, b"synthetic")
        await retire(own, key)
        await destroy(own, await destruction(own, key))
        kept = await hub.fetch("SELECT recipient_key FROM seal_run WHERE sealed_key IS NOT NULL")
    assert [row["recipient_key"] for row in kept] == ["another"]
    assert _line(own, key).state is KeyState.DESTROYED
    assert not (own.keys_directory / f"{key}.key").exists()


async def _refused(settings: Settings, key: str) -> str:
    with pytest.raises(Refusal) as refusal:
        await destruction(settings, key)
    return refusal.value.code
