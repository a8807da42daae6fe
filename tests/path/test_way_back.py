"""What the prefecture refuses stands on the city's work list, is told again, and is settled once it is applied."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from consumers.kit.counts import counts
from hub.commandline.drills.stops import stopped_before
from infra.runtime.databases import Database
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from producers.register.inbox.worklist import entries
from tests.path.deployment import Deployment, deployed
from tests.path.refusing import CODE, PREFECTURE, refused_by_prefecture
from tests.path.shell import done, typed
from tests.polling import until

RESIDENTS, CHANGES = 60, 25
SECONDS = 60.0


@pytest.fixture
async def deployment(settings: Settings) -> AsyncIterator[Deployment]:
    running = await deployed(settings.model_copy(update={"session_timeout_seconds": 6}))
    yield running
    running.supervisor.stop()


@pytest.mark.timeout(300)  # a worker that died leaves its group only after the session time-out, at every step anew
async def test_a_refusal_comes_back_and_is_made_good_whoever_dies_on_the_way(deployment: Deployment) -> None:
    await deployment.load(RESIDENTS)
    await deployment.settle()
    async with refused_by_prefecture(deployment.settings):
        for role, table, event in (("hub", "for_the_register", "INSERT"), ("hub", "for_the_register", "DELETE")):
            async with _killed_before(deployment, role, table, event):
                await deployment.live(CHANGES)
        async with _killed_before(deployment, "register-inbox", "work_entry", "INSERT", REGISTER_DATABASE):
            await deployment.live(CHANGES)
        await deployment.settle()
    standing = await counts(deployment.settings, PREFECTURE)
    assert standing.parked > 0
    await until(lambda: _are_open(deployment, standing.parked + standing.given_up), SECONDS)
    refused = await _open(deployment)
    assert {(entry["party"], entry["kind"], entry["code"]) for entry in refused} == {
        (PREFECTURE, "deliveries-refused", CODE)
    }
    async with _killed_before(deployment, "hub", "redelivery", "DELETE"):
        for entry in refused:
            await done(deployment.settings, "worklist", "resend", str(entry["id"]), "--by", "clerk-1")
    await until(lambda: _nothing_is_open(deployment), SECONDS)
    await deployment.settle()
    shown = json.loads((await done(deployment.settings, "worklist", "show", str(refused[0]["id"]), "--json")).output)
    assert (shown["resent_by"], shown["state"], shown["settled_by"]) == ("clerk-1", "settled", PREFECTURE)
    assert (await counts(deployment.settings, PREFECTURE)).held == 0
    assert (await deployment.verify()).findings == ()
    again = await typed(deployment.settings, "worklist", "resend", str(refused[0]["id"]), "--by", "clerk-1")
    assert (again.exit_code, "WORKLIST-SETTLED" in again.stderr) == (1, True)


@asynccontextmanager
async def _killed_before(
    deployment: Deployment, role: str, table: str, event: str, *database: Database
) -> AsyncIterator[None]:
    """What happens in the block brings the role to this statement, where it dies; then it is started anew."""
    async with stopped_before(deployment.settings, table, event, *database) as step:
        yield
        await step.reached()
        (running,) = (each for each in deployment.supervisor.roles if each.name == role)
        deployment.supervisor.kill(running)
    deployment.supervisor.start_one(role)


async def _nothing_is_open(deployment: Deployment) -> bool:
    return await entries(deployment.settings, deployment.settings.municipalities[0]) == []


async def _are_open(deployment: Deployment, count: int) -> bool:
    """What is settled at the recipients may still be on its way back; what a later change stands for is given up, and
    open until that change is applied."""
    return len(await _open(deployment)) == count


async def _open(deployment: Deployment) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads((await done(deployment.settings, "worklist", "list", "--json")).output)
    return listed
