"""The pages' doors, with an account of each role, for the tests of all pages."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hub.databases import ANALYSIS_DATABASE
from hub.pages.accounts import Role, add_account
from hub.pages.application import application
from hub.pages.databases import DESK_DATABASE
from hub.pages.desk import Change, Desk
from hub.pages.sessions import Sessions
from hub.watch.latest import Latest
from hub.watch.survey import Survey
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.migrations import prepare_databases
from infra.runtime.settings import Settings
from tests.broker.door import PASSWORD, Door
from tests.environments import named
from tests.unit.watch.surveys import STREAM, survey
from topics.grant import Grant


@pytest.fixture(scope="module")
def accounts(cluster: EmbeddedCluster) -> Settings:
    """An environment whose database has an account of each role."""
    settings = named(cluster, "desk")
    asyncio.run(_accounts(settings))
    return settings


async def _accounts(settings: Settings) -> None:
    await prepare_databases(settings, (DESK_DATABASE, ANALYSIS_DATABASE))
    for role in Role:
        await add_account(settings, f"{role.value}-1", role, PASSWORD)


@pytest.fixture
async def door(accounts: Settings) -> AsyncIterator[Door]:
    """Pages over that database, with nobody logged in, and a survey in which the whole way is."""
    desk = Desk(accounts, Sessions(accounts), _no_replay, Latest(_whole()))
    door = Door(accounts, desk, application(desk))
    administrator = await door.administrator()
    await administrator.execute("TRUNCATE session, failed_login")
    await administrator.close()
    yield door
    await desk.sessions.close()


async def _no_replay(_settings: Settings, _grant: Grant) -> Change:
    raise AssertionError("nothing here may replay the register")


def _whole() -> Survey:
    seen = survey()
    (outward,) = seen.watched
    change = replace(outward, stream=replace(STREAM, reader="hub", group="hub", topic="resident.change.v1"))
    back = replace(outward, stream=replace(STREAM, reader="hub", group="hub", topic="in.welfare.v1"))
    return replace(seen, watched=(change, outward, back))
