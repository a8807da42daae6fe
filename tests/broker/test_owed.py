"""What is owed in the law's terms, from the hub's rows; and that whoever watches sees of nobody."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from hub.commandline.deployment import grants_now
from hub.databases import HUB_DATABASE
from hub.watch.owed import Owed, read_hub
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN, OPERATIONS

CITY = "142158"
DELIVERY = """INSERT INTO delivery (recipient, generation, number, addressee_number, sequence, kind, key, headers,
    value, digest, routed_at)
    VALUES ($1, 1, $2, '0000000019', $2, $3, '', '', '', '', now() - make_interval(secs => $4))"""
WAITING = """INSERT INTO waiting (recipient, generation, addressee_number, history_number, state, occasion, decided_at,
    due_at) VALUES ('intermediate', 1, '0000000019', 1, 'active', '{"kind": "changed", "reason": "B20"}',
    now() - make_interval(secs => 4000), now())"""


@pytest.fixture
async def hub(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The hub's database with three recipients: one has acknowledged two of four deliveries, one waits, one is gone."""
    await prepare_databases(settings, (HUB_DATABASE,))
    connection = await connect(settings, HUB_DATABASE.name(settings.environment, CITY), role=ADMIN, principal=ADMIN)
    for name in ("welfare", "intermediate", "revoked"):
        await connection.execute("INSERT INTO recipient (name, generation, last_number) VALUES ($1, 1, 4)", name)
        await connection.execute("INSERT INTO grant_standing (recipient, generation) VALUES ($1, 1)", name)
    await connection.execute("UPDATE grant_standing SET revoked_at = now() WHERE recipient = 'revoked'")
    await connection.execute("UPDATE recipient SET acknowledged_number = 2 WHERE name = 'welfare'")
    for number, kind, seconds in ((1, "created", 9000), (2, "created", 8000), (3, "changed", 700), (4, "ceased", 30)):
        await connection.execute(DELIVERY, "welfare", number, kind, seconds)
    await connection.execute(DELIVERY, "revoked", 1, "created", 9000)
    await connection.execute(WAITING)
    yield connection
    await connection.close()


async def test_the_oldest_change_not_acknowledged_against_its_limit(settings: Settings, hub: object) -> None:
    rows = await read_hub(settings, grants_now(settings))
    limit = next(60.0 * grant.limit_minutes() for grant in grants_now(settings) if grant.recipient == "intermediate")
    assert [replace(each, oldest_seconds=float(round(each.oldest_seconds, -1))) for each in rows.owed] == [
        Owed(CITY, "intermediate", "waiting", "B20", 1, 4000.0, limit),
        Owed(CITY, "welfare", "decided", "ceased", 1, 30.0, 600.0),
        Owed(CITY, "welfare", "decided", "changed", 1, 700.0, 600.0),
    ]
    assert [each.is_late for each in rows.owed] == [limit < 4000.0, False, True]
    assert {each.recipient: each.acknowledged for each in rows.told} == {"intermediate": 0, "welfare": 2}


@pytest.mark.parametrize(
    "forbidden",
    [
        "SELECT addressee_number FROM delivery",
        "SELECT key FROM delivery",
        "SELECT value FROM delivery",
        "SELECT record FROM waiting",
        "SELECT occasion FROM waiting",
        "SELECT snapshot_after FROM recipient",
        "SELECT entry FROM ledger_entry",
        "SELECT recipient FROM interest",
        "SELECT record FROM resident",
        "UPDATE recipient SET acknowledged_number = 4",
    ],
)
async def test_the_watch_sees_of_nobody(settings: Settings, hub: object, forbidden: str) -> None:
    name = HUB_DATABASE.name(settings.environment, CITY)
    watch = await connect(settings, name, role=OPERATIONS, principal=OPERATIONS)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await watch.execute(forbidden)
    finally:
        await watch.close()
