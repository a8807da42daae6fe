"""Persons whom a recipient's database refuses: parked, named by the verifier, and whole again by each way out."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from pydantic_core import from_json

from consumers.databases import database_of
from hub.commandline.grants.decision import decide_as_seen
from hub.commandline.output import DIFFERENCE
from hub.commandline.parked import look_at, retry_for_good
from hub.pages.accounts import SQL, Role, add_account, as_administrator
from hub.pages.repairing import Repairs, repair_once
from infra.check.findings import Invariant
from infra.check.sources import read_entries
from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings
from tests.path.deployment import Deployment, deployed
from tests.path.shell import done, typed
from topics.declared import declared_by_recipient
from topics.ledger.entry import EntryKind

RECIPIENT = "welfare"
RESIDENTS, REFUSED, CHANGES = 60, 12, 80
PERSONS = ("--by", "desk-1", "--second", "desk-2")
WHY = ("--reason", "合成: the copy refused it")


@pytest.fixture
async def deployment(settings: Settings) -> AsyncIterator[Deployment]:
    running = await deployed(settings)
    yield running
    running.supervisor.stop()


@asynccontextmanager
async def _copy(settings: Settings) -> AsyncIterator[Connection]:
    """The recipient's database as its owner sees it."""
    name = database_of(declared_by_recipient()[RECIPIENT]).name(settings.environment, settings.municipalities[0])
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()


async def _refuse_some(settings: Settings) -> None:
    async with _copy(settings) as connection:
        rows = await connection.fetch(f"SELECT subject FROM person ORDER BY subject LIMIT {REFUSED}")
        refused = ", ".join(f"'{row['subject']}'" for row in rows)
        await connection.execute(
            f"ALTER TABLE person ADD CONSTRAINT refused CHECK (subject NOT IN ({refused})) NOT VALID"
        )


async def _refuse_nobody(settings: Settings) -> None:
    async with _copy(settings) as connection:
        await connection.execute("ALTER TABLE person DROP CONSTRAINT refused")


async def _told(settings: Settings, *words: str) -> Any:
    """What the command tells programs; it must succeed, or say that something is there."""
    result = await typed(settings, "parked", *words, "--json")
    assert result.exit_code in (0, DIFFERENCE), f"{result.stderr}{result.exception!r}"
    return json.loads(result.stdout)


async def _parked(settings: Settings) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await _told(settings, "list", RECIPIENT)
    return found


async def _some_parked(deployment: Deployment) -> list[dict[str, Any]]:
    """Live with persons whom the copy refuses; the verifier names those who wait, and nothing else is amiss."""
    await _refuse_some(deployment.settings)
    await deployment.live(CHANGES)
    await deployment.settle()
    found = await _parked(deployment.settings)
    assert {one["code"] for one in found} == {"KIT-NOT-STORABLE"}
    report = await deployment.verify()
    assert {finding.invariant for finding in report.findings} == {Invariant.PARKED}
    assert report.findings
    return found


async def test_what_is_parked_is_named_and_every_way_out_makes_the_copy_whole(deployment: Deployment) -> None:
    await deployment.load(RESIDENTS)
    await deployment.settle()
    await _a_retry_brings_everything(deployment, await _some_parked(deployment))
    await _a_discard_and_releases_are_told_anew(deployment, await _some_parked(deployment))


async def _a_retry_brings_everything(deployment: Deployment, found: list[dict[str, Any]]) -> None:
    settings = deployment.settings
    vain = await _told(settings, "retry", RECIPIENT, "--yes")
    assert (vain["applied"], vain["parked"].keys()) == (0, {"KIT-NOT-STORABLE"})
    assert [one["since"] for one in await _parked(settings)] == [one["since"] for one in found]
    await _refuse_nobody(settings)
    found = await _parked(settings)
    tried = await _told(settings, "retry", RECIPIENT)
    assert (tried["done"], tried["held"], tried["parked"]) == (False, 0, {})
    assert await _parked(settings) == found
    assert {**await _asked_of_the_pages(settings), "done": False} == tried
    await deployment.settle()
    assert (await deployment.verify()).findings == ()


async def _asked_of_the_pages(settings: Settings) -> dict[str, Any]:
    """What came of a retry that an operator asked the pages for."""
    await add_account(settings, "operator-1", Role.OPERATOR, "correct horse battery")
    repairs = Repairs(look_at, retry_for_good, decide_as_seen)
    await repair_once(settings, repairs)
    async with as_administrator(settings) as connection:
        asked = (uuid4(), RECIPIENT, settings.municipalities[0], None, "operator-1")
        assert await connection.fetchval(SQL["ask_retry"], *asked) == asked[0]
        await repair_once(settings, repairs)
        (done,) = await connection.fetch(SQL["retries"])
        left = await connection.fetchval("SELECT sum(jsonb_array_length(records)) FROM parked_seen")
    assert (done["failure"], left) == ("", 0)
    result: dict[str, Any] = json.loads(done["result"])
    return result


async def _a_discard_and_releases_are_told_anew(deployment: Deployment, found: list[dict[str, Any]]) -> None:
    settings = deployment.settings
    await _refuse_nobody(settings)
    first, *others = (str(one["offset"]) for one in found)
    alone = await typed(settings, "parked", "discard", RECIPIENT, first, "--by", "desk-1", "--second", "desk-1", *WHY)
    assert (alone.exit_code, "KIT-DISCARD-PERSONS" in alone.stderr) == (1, True)
    shown = await _told(settings, "show", RECIPIENT, first)
    given_up = (await _told(settings, "discard", RECIPIENT, first, *PERSONS, *WHY, "--yes"))["given_up"]
    assert given_up == 1 + shown["behind"]
    for offset in others:
        if offset in (str(one["offset"]) for one in await _parked(settings)):
            await done(settings, "parked", "release", RECIPIENT, offset, "--yes")
    assert await _parked(settings) == []
    await deployment.settle()
    assert (await deployment.verify()).findings == ()
    entries = [from_json(entry) async for entry in read_entries(settings, settings.municipalities[0])]
    assert sum(entry["kind"] == EntryKind.DISCARD for entry in entries) == given_up
