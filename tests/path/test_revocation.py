"""A grant suspended in full flow: nothing readable afterwards, what waited is void, and the others go on."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from typer.testing import CliRunner

from hub.commandline.deployment import drift_now
from hub.commandline.main import app
from hub.watch.counts import hub_standing
from infra.runtime.settings import Settings, environment_of
from infra.runtime.tls import client_context
from tests.path.deployment import Deployment, deployed
from topics.catalogue import group, out_topic
from topics.declared import SHIPPED, declared_grants

RECIPIENT, OTHER = "prefecture", "intermediate"
RESIDENTS, CHANGES, LATER_CHANGES = 200, 1500, 100
BOUND_SECONDS = 2.0
REFUSALS = (TopicAuthorizationFailedError.__name__, GroupAuthorizationFailedError.__name__)
"""Both rights go at once; a fetch or a heartbeat, whichever comes first, is refused."""
DEADLINE_SECONDS = 60.0


@dataclass(slots=True)
class Reading:
    """What a client that never stops asking was handed: the moments, and how it was refused."""

    moments: list[float] = field(default_factory=list)
    refusal: str | None = None


@pytest.fixture
async def deployment(settings: Settings, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Without the recipient's own process: the test reads in its place. Small batches, so that something waits."""
    grants = shutil.copytree(SHIPPED, tmp_path / "grants", ignore=shutil.ignore_patterns("__*"))
    slow = {"grants_directory": grants, "dispatch_batch_records": 20}
    running = await deployed(settings.model_copy(update=slow))
    (role,) = (role for role in running.supervisor.roles if role.name == RECIPIENT)
    running.supervisor.kill(role)
    yield running
    running.supervisor.stop()


async def test_nothing_is_readable_two_seconds_after_a_suspension(deployment: Deployment) -> None:
    settings, reading = deployment.settings, Reading()
    await deployment.load(RESIDENTS)
    reader = asyncio.create_task(_read_on(settings, reading))
    ended = await _suspended_in_mid_run(deployment, reading)
    await reader
    assert reading.refusal in REFUSALS
    assert max(reading.moments) <= ended["asked_at"] + BOUND_SECONDS
    assert ended["unreadable_seconds"] <= BOUND_SECONDS
    assert ended["voided"] > 0
    await _is_void(deployment)
    assert (await deployment.verify()).ok


async def _suspended_in_mid_run(deployment: Deployment, reading: Reading) -> dict[str, float]:
    told: dict[str, float] = {}

    async def suspend() -> None:
        await _until(lambda: len(reading.moments) > RESIDENTS + CHANGES // 4)
        told["asked_at"] = time.monotonic()
        told.update(await asyncio.to_thread(_suspend, deployment.settings))

    await deployment.live(CHANGES, suspend)
    return told


def _suspend(settings: Settings) -> dict[str, float]:
    shell = CliRunner(env=environment_of(settings.model_dump()))
    asked = ["grants", "suspend", RECIPIENT, "--by", "privacy-officer-1", "--reason", "synthetic", "--json"]
    result = shell.invoke(app, asked)
    assert result.exit_code == 0, result.output
    answer: dict[str, float] = json.loads(result.output)
    return answer


async def _is_void(deployment: Deployment) -> None:
    """By the hub's own rows nothing is routed or sent any more, while the others go on; the broker says the same."""
    settings = deployment.settings
    before = (await hub_standing(settings, settings.municipalities[0])).recipients
    assert before[RECIPIENT].dispatched < before[RECIPIENT].last_number
    await deployment.live(LATER_CHANGES)
    await deployment.settle()
    after = (await hub_standing(settings, settings.municipalities[0])).recipients
    assert after[RECIPIENT] == before[RECIPIENT]
    assert after[OTHER].last_number > before[OTHER].last_number
    kinds = {departure.kind for departure in await asyncio.to_thread(drift_now, settings)}
    assert kinds == {"topic-undeclared", "right-too-many"}


async def _read_on(settings: Settings, reading: Reading) -> None:
    (grant,) = (each for each in declared_grants() if each.recipient == RECIPIENT)
    client = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        security_protocol="SSL",
        ssl_context=client_context(settings, RECIPIENT),
        group_id=group(settings.environment, RECIPIENT),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await client.start()
    try:
        client.subscribe([out_topic(settings.environment, grant)])
        while True:
            records = await client.getmany(timeout_ms=100)
            reading.moments += [time.monotonic() for batch in records.values() for _ in batch]
    except KafkaError as error:
        reading.refusal = type(error).__name__
    finally:
        await client.stop()


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "nothing to read"
        await asyncio.sleep(0.02)
