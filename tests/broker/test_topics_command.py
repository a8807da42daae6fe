"""`kairan topics`: 2 while something would change, 0 when nothing would, also for programs."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from hub.commandline.deployment import broker, desired_now, grants_now
from hub.commandline.main import app
from infra.runtime.settings import Settings, environment_of
from topics.catalogue import Acl, Topic, out_topic
from topics.grant import Grant
from topics.plan import Plan


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


def test_only_the_approved_plan_is_applied(runner: CliRunner) -> None:
    approved = json.loads(runner.invoke(app, ["topics", "plan", "--json"]).output)["hash"]
    other = runner.invoke(app, ["topics", "apply", "--plan", "0" * 64])
    assert (other.exit_code, "KRN-PLAN" in other.output) == (1, True)
    assert runner.invoke(app, ["topics", "plan"]).exit_code == 2
    assert runner.invoke(app, ["topics", "apply", "--plan", approved]).exit_code == 0
    assert runner.invoke(app, ["topics", "apply", "--plan", approved]).exit_code == 1


def test_topics_that_nobody_declares_go_only_when_pruned(runner: CliRunner, settings: Settings) -> None:
    runner.invoke(app, ["topics", "apply"])
    stray = Topic(out_topic(settings.environment, _grant(settings, "welfare")).replace("welfare", "stranger"), 1, 1)
    broker(settings).apply(Plan(create_topics=(stray,)))
    left = runner.invoke(app, ["topics", "plan"])
    assert (left.exit_code, f"left alone: topic {stray.name}" in left.output) == (0, True)
    assert runner.invoke(app, ["topics", "plan", "--prune"]).exit_code == 2
    assert runner.invoke(app, ["topics", "apply", "--prune"]).exit_code == 0
    assert stray.name not in runner.invoke(app, ["topics", "plan"]).output


def test_drift_is_told_and_ends_with_2(runner: CliRunner, settings: Settings) -> None:
    runner.invoke(app, ["topics", "apply"])
    assert runner.invoke(app, ["topics", "verify"]).exit_code == 0
    strange = Acl("welfare", "READ", "TOPIC", out_topic(settings.environment, _grant(settings, "prefecture")))
    administrator, wanted = broker(settings), desired_now(settings)
    administrator.allow([strange])
    administrator.withdraw([wanted.acls[0]])
    found = runner.invoke(app, ["topics", "verify", "--json"])
    assert found.exit_code == 2
    assert [d["kind"] for d in json.loads(found.output)["departures"]] == ["right-too-many", "right-missing"]
    runner.invoke(app, ["topics", "apply"])
    assert runner.invoke(app, ["topics", "verify"]).exit_code == 0


def test_a_broker_that_is_not_there_is_told_in_one_sentence(runner: CliRunner) -> None:
    result = runner.invoke(app, ["topics", "plan"], env={"KAIRAN_KAFKA_BOOTSTRAP": "127.0.0.1:9"})
    assert result.exit_code == 1
    assert "KRN-TOPICS" in result.output


def _grant(settings: Settings, recipient: str) -> Grant:
    return next(grant for grant in grants_now(settings) if grant.recipient == recipient)
