"""kill -9 and freezing in mid-run, on real processes: afterwards everything is where it should be, once."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner

from hub.commandline.main import app
from hub.watch.counts import hub_standing
from infra.runtime.exercises import last_exercises
from infra.runtime.settings import Settings, load_settings
from tests.environments import quick_place
from tests.path.deployment import Deployment, deployed
from topics.declared import declared_by_recipient

RESIDENTS, CHANGES = 200, 1500
CHANGES_OF_EACH = 500
ROLES = ("witness", "relay", "hub", *declared_by_recipient())
DEADLINE_SECONDS = 60.0
POLL_SECONDS = 0.02
PAST_SESSION_SECONDS = 9.0
CITIES = ("142158", "142166", "142123")
DRILLS = (
    "leader-killed", "controller-killed", "hub-killed-at-marks", "recipient-killed", "postgresql-killed",
    "poison-record",
)  # fmt: skip
CHANGES_A_SECOND = 20
"""As much as a small machine can take beside three brokers and every role."""


@pytest.fixture
async def one_city(settings: Settings) -> AsyncIterator[Deployment]:
    deployment = await deployed(settings.model_copy(update={"session_timeout_seconds": 6}))
    yield deployment
    deployment.supervisor.stop()


@pytest.fixture
async def three_cities(settings: Settings) -> AsyncIterator[Deployment]:
    served = settings.model_copy(update={"municipalities": CITIES, "session_timeout_seconds": 6})
    deployment = await deployed(served, "hub")
    yield deployment
    deployment.supervisor.stop()


async def test_all_roles_killed_in_mid_run_are_made_up_for(one_city: Deployment) -> None:
    await one_city.load(RESIDENTS)
    await one_city.live(CHANGES, lambda: _kill_again_and_again(one_city, ROLES))
    await one_city.settle()
    report = await one_city.verify()
    assert report.findings == ()
    assert report.changes == RESIDENTS + CHANGES


async def test_three_cities_survive_a_killed_and_a_frozen_hub(three_cities: Deployment) -> None:
    await three_cities.load(RESIDENTS)
    await three_cities.live(CHANGES_OF_EACH, lambda: _freeze_one_and_kill_the_other(three_cities))
    await three_cities.settle()
    report = await three_cities.verify()
    assert report.findings == ()
    assert report.changes == len(CITIES) * (RESIDENTS + CHANGES_OF_EACH)


@pytest.mark.timeout(1800)
def test_drills_by_command_on_three_brokers(tmp_path: Path) -> None:
    """The drills of the catalogue that every run of the suite goes through; `kairan drill all` is the others'."""
    with TemporaryDirectory(prefix="kairan-tests-", dir=quick_place()) as servers:
        Path(servers).chmod(0o755)
        done = CliRunner(env={"KAIRAN_STATE_DIRECTORY": str(tmp_path)}).invoke(
            app, ["drill", "run", *DRILLS, "--rate", str(CHANGES_A_SECOND), "--directory", servers, "--json"]
        )
    rows = json.loads(done.stdout)
    assert all(row.pop("recovery_seconds") > 0 for row in rows)
    assert rows == [{"name": name, "lost": 0, "doubled": 0, "leaked": 0, "ok": True} for name in DRILLS]
    assert done.exit_code == 0
    kept = last_exercises(load_settings(state_directory=tmp_path))
    assert {(each.name, each.good) for each in kept} == {(name, True) for name in DRILLS}


async def _kill_again_and_again(deployment: Deployment, victims: tuple[str, ...]) -> None:
    """Once at each quarter of the way, wherever the victims happen to be."""
    for quarter in range(1, 4):
        await _routed(deployment, RESIDENTS + CHANGES * quarter // 4)
        for role in [role for role in deployment.supervisor.roles if role.name in victims]:
            deployment.supervisor.kill(role)
            deployment.supervisor.start_one(role.name)


async def _routed(deployment: Deployment, position: int) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (await hub_standing(deployment.settings, CITIES[0])).next_position <= position:
        assert time.monotonic() < deadline, "the hub does not get on"
        await asyncio.sleep(POLL_SECONDS)


async def _freeze_one_and_kill_the_other(deployment: Deployment) -> None:
    """The frozen worker wakes when its municipalities have long been another's, in the midst of whatever it did."""
    first, second = (role for role in deployment.supervisor.roles if role.name == "hub")
    first.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(PAST_SESSION_SECONDS)
    deployment.supervisor.kill(second)
    first.process.send_signal(signal.SIGCONT)
    deployment.supervisor.start_one("hub")
