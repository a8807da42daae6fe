"""A city that has lived and is at rest: nothing unread, nothing owed; told by the command and by the exporter."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from hub.commandline.deployment import grants_now
from hub.commandline.lag import registers_now
from hub.commandline.main import app
from hub.watch.exporter import run_exporter
from infra.embedded.processes import free_ports
from infra.runtime.settings import Settings, environment_of
from infra.runtime.tls import client_context
from tests.path.deployment import Deployment
from tests.polling import until

DEADLINE_SECONDS = 20.0
BESIDE = ("access log", "to the register", "passed on by the prefecture", "identities asked for")
"""Streams beside the changes, and one to and one from each recipient."""
ANALYSIS_SECONDS = 60.0


@pytest.fixture(scope="module")
def runner(lived: Deployment) -> Iterator[CliRunner]:
    """A shell whose variables point at the deployment, of which also the access log is read."""
    shell = CliRunner(env=environment_of(lived.settings.model_dump(exclude={"state_directory"})))
    lived.supervisor.start_one("analysis")
    deadline = time.monotonic() + ANALYSIS_SECONDS
    while not _is_at_rest(shell):
        assert time.monotonic() < deadline, "the access log, or what the prefecture passes on, is not read"
    yield shell


def _is_at_rest(shell: CliRunner) -> bool:
    done = shell.invoke(app, ["lag", "--json"])
    return done.exit_code == 0 and not any(stream["lag"] for stream in json.loads(done.output)["streams"])


@pytest.fixture
async def exporter(lived: Deployment, runner: CliRunner) -> AsyncIterator[Settings]:
    """A running exporter."""
    settings = lived.settings.model_copy(update={"exporter_url": f"https://127.0.0.1:{free_ports(1)[0]}"})
    stop = asyncio.Event()
    running = asyncio.create_task(run_exporter(settings, registers_now, stop))
    yield settings
    stop.set()
    await running


def test_at_rest_nothing_is_unread_and_nothing_owed(lived: Deployment, runner: CliRunner) -> None:
    done = runner.invoke(app, ["lag", "--json"])
    told = json.loads(done.output)
    assert (done.exit_code, told["good"], told["owed"]) == (0, True, [])
    assert len(told["streams"]) == 1 + 2 * len(grants_now(lived.settings)) + len(BESIDE)
    for stream in told["streams"]:
        assert (stream["state"], stream["lag"], stream["age_seconds"]) == ("ok", 0, 0.0)
        assert (stream["committed"] or 0) == stream["latest"]
    (register,) = told["registers"]
    assert register["outbox"] == 0


async def test_the_exporter_tells_those_who_may_and_nobody_else(exporter: Settings) -> None:
    told: dict[str, httpx.Response] = {}

    async def answered() -> bool:
        for who in ("prometheus", "welfare"):
            async with httpx.AsyncClient(verify=client_context(exporter, who)) as client:
                try:
                    told[who] = await client.get(f"{exporter.exporter_url}/metrics")
                except httpx.ConnectError:
                    return False
        return "kairan_survey_timestamp_seconds" in told["prometheus"].text

    await until(answered, DEADLINE_SECONDS)
    assert told["welfare"].status_code == 403
    families = {each.name: each for each in text_string_to_metric_families(told["prometheus"].text)}
    assert {sample.value for sample in families["kafka_consumergroup_group_lag"].samples} == {0.0}
    steps = {
        each.labels["step"]: each.value
        for each in families["kairan_deliveries"].samples
        if each.labels["recipient"] == "welfare"
    }
    assert steps["decided"] == steps["sent"] == steps["acknowledged"] > 0
