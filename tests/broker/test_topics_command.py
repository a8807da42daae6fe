"""`kairan topics`: 2 while something would change, 0 when nothing would, also for programs."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from hub.commandline.main import app
from infra.runtime.settings import Settings, environment_of


@pytest.fixture
def runner(settings: Settings) -> Iterator[CliRunner]:
    """A shell whose variables point at the shared servers."""
    told = settings.model_dump(exclude={"state_directory"})
    yield CliRunner(env=environment_of(told))


def test_a_plan_differs_until_it_is_applied_once(runner: CliRunner) -> None:
    planned = runner.invoke(app, ["topics", "plan"])
    assert planned.exit_code == 2
    assert "resident.change.v1" in planned.output
    assert runner.invoke(app, ["topics", "apply"]).exit_code == 0
    assert runner.invoke(app, ["topics", "plan"]).exit_code == 0
    again = runner.invoke(app, ["topics", "apply"])
    assert (again.exit_code, again.output.strip()) == (0, "nothing to change")


def test_plans_can_be_read_by_programs(runner: CliRunner) -> None:
    first, second = (json.loads(runner.invoke(app, ["topics", "plan", "--json"]).output) for _ in range(2))
    assert first == second
    assert len(first["create_topics"]) == 7


def test_a_broker_that_is_not_there_is_told_in_one_sentence(runner: CliRunner) -> None:
    result = runner.invoke(app, ["topics", "plan"], env={"KAIRAN_KAFKA_BOOTSTRAP": "127.0.0.1:9"})
    assert result.exit_code == 1
    assert "KRN-TOPICS" in result.output
