"""`kairan topics`: 2 while something would change, 0 when nothing would, also for programs."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from hub.commandline.deployment import broker, desired_now, grants_now
from hub.commandline.main import app
from infra.runtime.kafka import producer
from infra.runtime.settings import Settings, environment_of
from topics.catalogue import Acl, Quota, Topic, change_topic, out_topic
from topics.grant import Grant
from topics.partitions import partition_of
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


def test_plans_can_be_read_by_programs(runner: CliRunner, settings: Settings) -> None:
    first, second = (json.loads(runner.invoke(app, ["topics", "plan", "--json"]).output) for _ in range(2))
    assert first == second
    assert len(first["create_topics"]) == len(desired_now(settings).topics)


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


DRIFTS = ["added", "removed", "widened", "topic by hand", "retention", "quota", "header"]


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_is_named_and_ends_with_2(runner: CliRunner, settings: Settings, drift: str) -> None:
    runner.invoke(app, ["topics", "apply"])
    assert runner.invoke(app, ["topics", "verify"]).exit_code == 0
    kind, name = _drifted(settings, drift)
    found = runner.invoke(app, ["topics", "verify", "--json"])
    assert found.exit_code == 2
    (departure,) = json.loads(found.output)["departures"]
    assert departure["kind"] == kind
    assert name in departure["sentence"]
    if drift not in ("topic by hand", "header"):
        runner.invoke(app, ["topics", "apply"])
        assert runner.invoke(app, ["topics", "verify"]).exit_code == 0


def _drifted(settings: Settings, drift: str) -> tuple[str, str]:
    """Do by hand what nobody declared; returns what must be told of it."""
    administrator, wanted = broker(settings), desired_now(settings)
    prefecture, topic = out_topic(settings.environment, _grant(settings, "prefecture")), wanted.topics[0]
    match drift:
        case "added":
            administrator.allow([Acl("welfare", "READ", "TOPIC", prefecture)])
            return "right-too-many", prefecture
        case "removed":
            administrator.withdraw([wanted.acls[0]])
            return "right-missing", wanted.acls[0].name
        case "widened":
            administrator.allow([Acl("welfare", "READ (PREFIXED ALLOW *)", "TOPIC", prefecture[:-4])])
            return "right-too-many", prefecture[:-4]
        case "topic by hand":
            stray = prefecture.replace("prefecture", "stranger")
            administrator.apply(Plan(create_topics=(Topic(stray, 1, 1),)))
            return "topic-undeclared", stray
        case "retention":
            changed = replace(topic, config=tuple({**dict(topic.config), "retention.ms": "1"}.items()))
            administrator.apply(Plan(set_config=(changed,)))
            return "setting", topic.name
        case "quota":
            administrator.limit([Quota("welfare", (("controller_mutation_rate", 9.0),))])
            return "quota", "welfare"
        case _:
            asyncio.run(_written(settings))
            return "header", change_topic(settings.environment)


async def _written(settings: Settings) -> None:
    async with producer(settings, "register") as sender:
        told = [("synthetic-note", b"synthetic")]
        partition = partition_of(settings.municipalities[0])
        topic = change_topic(settings.environment)
        await sender.send_and_wait(topic, b"{}", key=b"a" * 24, partition=partition, headers=told)


def test_the_audit_of_the_embedded_broker_passes(runner: CliRunner, settings: Settings) -> None:
    runner.invoke(app, ["topics", "apply"])
    state = {"KAIRAN_STATE_DIRECTORY": str(settings.state_directory)}
    answers = json.loads(runner.invoke(app, ["topics", "audit", "--json"], env=state).output)
    assert [answer for answer in answers if answer["result"] != "passed"] == []
    assert len(answers) == 18


def test_the_audit_finds_a_service_that_is_let_do_everything(runner: CliRunner, settings: Settings) -> None:
    runner.invoke(app, ["topics", "apply"])
    mighty = Acl("ops", "CREATE", "TOPIC", "*")
    broker(settings).allow([mighty])
    try:
        result = runner.invoke(app, ["topics", "audit", "--json"])
    finally:
        broker(settings).withdraw([mighty])
    assert result.exit_code == 2
    assert {answer["number"] for answer in json.loads(result.output) if answer["result"] == "failed"} >= {3, 4, 14}


def test_a_broker_that_is_not_there_is_told_in_one_sentence(runner: CliRunner) -> None:
    result = runner.invoke(app, ["topics", "plan"], env={"KAIRAN_KAFKA_BOOTSTRAP": "127.0.0.1:9"})
    assert result.exit_code == 1
    assert "KRN-TOPICS" in result.output


def _grant(settings: Settings, recipient: str) -> Grant:
    return next(grant for grant in grants_now(settings) if grant.recipient == recipient)
