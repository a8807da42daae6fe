"""The relay on a real broker and PostgreSQL: one leader, positions in order, no gap, no hindrance from elsewhere."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
import pytest
from pydantic_core import from_json

from hub.commandline.deployment import broker, grants_now, prepare
from infra.check.topic_reader import Raw, topic_reader
from infra.check.verify import auditor_rights
from infra.embedded.supervisor import Supervisor
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from producers.register.registrar import Registrar
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import load_city
from tests.polling import until
from tests.sealing import opened_as
from topics.catalogue import change_topic
from topics.envelope.places import change_terms
from topics.partitions import partition_of

CITY = "142158"
RESIDENTS = 40
DEADLINE_SECONDS = 60.0
_until = partial(until, seconds=DEADLINE_SECONDS)


@pytest.fixture
async def city(settings: Settings) -> AsyncIterator[Settings]:
    """Changes wait in the outbox; the auditor may read the topics."""
    await prepare(settings)
    await _register(settings, 1)
    rights = auditor_rights(settings, grants_now(settings))
    broker(settings).allow(rights)
    yield settings
    broker(settings).withdraw(rights)


def _event(settings: Settings, raw: Raw) -> Any:
    return from_json(opened_as(settings, change_terms(settings.environment, CITY), raw.key, raw.value))


@pytest.fixture
def supervisor(city: Settings) -> Supervisor:
    return Supervisor(city)


async def test_changes_go_out_in_the_order_of_their_positions(city: Settings, supervisor: Supervisor) -> None:
    supervisor.start(["relay"])
    try:
        await _until(lambda: _carried(city, RESIDENTS))
    finally:
        supervisor.stop()
    sent = await _sent(city)
    events = [_event(city, raw) for raw in sent]
    assert [event["position"] for event in events] == list(range(1, RESIDENTS + 1))
    assert not [raw for raw, event in zip(sent, events, strict=True) if event["resident"].encode() in raw.key]
    assert len({raw.key for raw in sent}) == RESIDENTS
    async with _owner(city) as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 0


async def test_a_writer_that_hangs_does_not_stop_the_relay(city: Settings, supervisor: Supervisor) -> None:
    """Its transaction is older than all that is carried; a cursor over transaction ids would wait for it."""
    async with _owner(city) as connection, connection.transaction():
        await connection.execute("INSERT INTO household (household_number) VALUES ('synthetic')")
        await _register(city, 2)
        supervisor.start(["relay"])
        try:
            await _until(lambda: _carried(city, 2 * RESIDENTS))
        finally:
            supervisor.stop()


async def test_a_second_relay_waits_and_takes_over(city: Settings, supervisor: Supervisor) -> None:
    supervisor.start(["relay", "relay"])
    try:
        await _until(lambda: _carried(city, RESIDENTS))
        supervisor.kill(supervisor.roles[0])
        await _register(city, 2)
        await _until(lambda: _carried(city, 2 * RESIDENTS))
        supervisor.start(["relay"])
        supervisor.kill(supervisor.roles[0])
        await _register(city, 3)
        await _until(lambda: _carried(city, 3 * RESIDENTS))
    finally:
        supervisor.stop()
    positions = [_event(city, raw)["position"] for raw in await _sent(city)]
    assert sorted(set(positions)) == list(range(1, 3 * RESIDENTS + 1))
    assert list(dict.fromkeys(positions)) == sorted(set(positions))


async def test_a_gap_stops_the_relay(city: Settings, supervisor: Supervisor) -> None:
    async with _owner(city) as connection:
        await connection.execute("DELETE FROM outbox WHERE position = 11")
        supervisor.start(["relay"])
        log = city.state_directory / "logs" / "relay-1.log"
        try:
            await _until(lambda: _carried(city, 10))
            await _until(lambda: _is_told(lambda: "RELAY-POSITION-GAP" in log.read_text(encoding="utf-8")))
        finally:
            supervisor.stop()
        assert await connection.fetchval("SELECT count(*) FROM outbox") == RESIDENTS - 11
    assert len(await _sent(city)) == 10


async def _register(settings: Settings, seed: int) -> None:
    async with Registrar.open(settings, CITY) as registrar:
        await load_city(registrar, SyntheticCity(seed, CITY, RESIDENTS))


async def _sent(settings: Settings) -> list[Raw]:
    async with topic_reader(settings) as reader:
        return [raw async for raw in reader.partition(change_topic(settings.environment), partition_of(CITY))]


async def _carried(settings: Settings, position: int) -> bool:
    async with _owner(settings) as connection:
        return bool(await connection.fetchval("SELECT position = $1 FROM relay_cursor", position))


async def _is_told(condition: Callable[[], bool]) -> bool:
    return condition()


@asynccontextmanager
async def _owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The register as its owner sees it."""
    name = REGISTER_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()
