"""The analysis on a real broker and database, killed at any moment: no alert lost, none doubled."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from hub.commandline.deployment import prepare
from hub.databases import ANALYSIS_DATABASE
from hub.watch.access.scoring import raised
from infra.embedded.supervisor import Supervisor
from infra.runtime.databases import Database
from infra.runtime.kafka import producer
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from producers.relay.access_log import Outbox
from producers.synthetic.operators.year import year_of
from tests.polling import until
from topics.catalogue import ADMIN, REGISTER
from topics.messages.access import Entry, UpTo

CITY = "142158"
DEADLINE_SECONDS = 60.0


@pytest.fixture
async def city(settings: Settings) -> Settings:
    """A prepared deployment whose analysis looks back often."""
    await prepare(settings)
    return settings


@asynccontextmanager
async def opened(settings: Settings, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A city's database as its owner."""
    connection = await connect(settings, database.name(settings.environment, CITY), role=ADMIN, principal=ADMIN)
    try:
        yield connection
    finally:
        await connection.close()


async def send(settings: Settings, entries: Sequence[Entry]) -> None:
    """Entries as rows of the register's outbox, sent by its sender."""
    link = producer(settings, REGISTER)
    await link.start()
    try:
        async with opened(settings, REGISTER_DATABASE) as connection:
            rows = [(entry.to_wire(),) for entry in entries]
            await connection.executemany("INSERT INTO access_outbox (entry) VALUES ($1)", rows)
            while await Outbox(settings, CITY, connection, link).send():
                pass
    finally:
        await link.stop()


async def alerts(settings: Settings) -> list[Any]:
    """Whatever is on the review list."""
    async with opened(settings, ANALYSIS_DATABASE) as connection:
        rows: list[Any] = await connection.fetch("SELECT alert_id, rule, operator FROM alert ORDER BY 1")
        return rows


async def test_try(city: Settings) -> None:
    supervisor = Supervisor(city)
    year = year_of(7, 12)
    log = [e for n, e in enumerate(year.entries) if e.event_id in year.planted or n % 40 == 0 or isinstance(e, UpTo)]
    expected = sorted(alert.id for alert in raised(log))
    print(len(expected))
    supervisor.start(["analysis"])
    try:
        await send(city, log)
        await until(lambda: _all(city, len(expected)), DEADLINE_SECONDS)
    finally:
        supervisor.stop()
    assert [row["alert_id"] for row in await alerts(city)] == expected


async def _all(settings: Settings, count: int) -> bool:
    return len(await alerts(settings)) >= count
