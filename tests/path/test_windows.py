"""Windows on the whole path: shuffled, coarse in time, once each; killed or revoked in their midst."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.commandline.main import app
from hub.watch.counts import Counts, hub_standing
from hub.windows.flush import flush
from infra.check.segments import Stored, segments, stored_records
from infra.runtime.databases import database_name
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings, environment_of
from producers.register.standing import last_position
from tests.path.deployment import Deployment, deployed, with_day_windows
from tests.polling import until
from topics.catalogue import out_topic
from topics.declared import declared_by_recipient
from topics.envelope.opening import take_apart
from topics.messages.headers import TIME

CITY, RECIPIENT = "142158", "intermediate"
RESIDENTS, CHANGES = 400, 100
SMALL_BATCH = 8
DEADLINE_SECONDS = 60.0


@pytest.fixture
async def deployment(settings: Settings, tmp_path: Path) -> AsyncIterator[Deployment]:
    """In small batches, so that a window takes many transactions."""
    slow = {"hub_batch_records": SMALL_BATCH, "session_timeout_seconds": 6}
    running = await deployed(with_day_windows(settings, tmp_path).model_copy(update=slow))
    yield running
    running.supervisor.stop()


async def test_a_window_killed_in_its_midst_loses_and_doubles_nothing(deployment: Deployment) -> None:
    await _lived(deployment)
    waiting = (await _counts(deployment)).waiting
    assert await flush(deployment.settings) == waiting == RESIDENTS + CHANGES
    drawn: dict[int, str] = {}
    for sent in (1, RESIDENTS // 4, RESIDENTS // 2):
        await until(partial(_is_sent, deployment, sent), DEADLINE_SECONDS)
        _kill(deployment, "hub")
        order = await _order(deployment.settings)
        assert order, "the window was over before the hub was killed"
        assert {row: drawn.get(row, who) for row, who in order.items()} == order
        drawn |= order
        deployment.supervisor.start_one("hub")
    await deployment.settle()
    report = await deployment.verify()
    assert report.findings == ()
    numbers = [take_apart(record.value).head.number for record in _records(deployment.settings)]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
    assert (await _counts(deployment)).waiting == 0


async def test_a_window_is_shuffled_coarse_and_has_each_person_once(deployment: Deployment) -> None:
    await _lived(deployment)
    before = await _order_decided(deployment.settings)
    await deployment.settle()
    records = _records(deployment.settings)
    subjects = await _subjects(deployment.settings)
    told = [subjects[record.key.decode()] for record in records]
    assert len(told) == len(set(told)) > RESIDENTS
    assert sorted(told) == sorted(set(before) & set(told)) and told != [who for who in before if who in set(told)]
    times = {dict(record.headers)[TIME] for record in records}
    assert all(time.endswith(b":00:00Z") for time in times)
    assert (await deployment.verify()).ok


async def test_what_waits_is_gone_with_its_grant(deployment: Deployment) -> None:
    await _lived(deployment)
    await deployment.settle()
    settled = await _counts(deployment)
    await deployment.live(CHANGES)
    await _routed(deployment)
    assert (await _counts(deployment)).waiting > 0
    await asyncio.to_thread(_suspend, deployment.settings)
    await flush(deployment.settings)
    await deployment.live(CHANGES)
    await deployment.settle()
    assert await _counts(deployment) == settled
    assert (await deployment.verify()).ok


async def test_nothing_is_sent_before_its_time(deployment: Deployment) -> None:
    await _lived(deployment)
    shell = CliRunner(env=environment_of(deployment.settings.model_dump()))
    told = await asyncio.to_thread(shell.invoke, app, ["linkage", "waiting", "--json"])
    (waiting,) = json.loads(told.output)
    assert (waiting["recipient"], waiting["late"]) == (RECIPIENT, False)
    assert waiting["changes"] == RESIDENTS + CHANGES
    assert (await _counts(deployment)).last_number == 0
    flushed = await asyncio.to_thread(shell.invoke, app, ["linkage", "flush", "--json"])
    assert json.loads(flushed.output) == {"flushed": RESIDENTS + CHANGES}


async def _lived(deployment: Deployment) -> None:
    await deployment.load(RESIDENTS)
    await deployment.live(CHANGES)
    await _routed(deployment)


async def _routed(deployment: Deployment) -> None:
    """All is decided; what has a window waits."""

    async def is_routed() -> bool:
        position = (await hub_standing(deployment.settings, CITY)).next_position
        return position > await last_position(deployment.settings, CITY)

    await until(is_routed, DEADLINE_SECONDS)


async def _counts(deployment: Deployment) -> Counts:
    return (await hub_standing(deployment.settings, CITY)).recipients[RECIPIENT]


async def _is_sent(deployment: Deployment, least: int) -> bool:
    return (await _counts(deployment)).last_number >= least


def _kill(deployment: Deployment, name: str) -> None:
    (role,) = (role for role in deployment.supervisor.roles if role.name == name)
    deployment.supervisor.kill(role)


async def _order(settings: Settings) -> dict[int, str]:
    """The order that was drawn, as far as it is still ahead."""
    rows = await _hub_rows(settings, "SELECT rank, addressee_number FROM waiting WHERE rank IS NOT NULL")
    return {row[0]: row[1] for row in rows}


async def _order_decided(settings: Settings) -> list[str]:
    """The persons in the order in which the register changed them last."""
    rows = await _hub_rows(settings, "SELECT addressee_number FROM waiting GROUP BY 1 ORDER BY max(id)")
    return [row[0] for row in rows]


async def _subjects(settings: Settings) -> dict[str, str]:
    statement = f"SELECT subject, addressee_number FROM recipient_resident WHERE recipient = '{RECIPIENT}'"
    return {row[0]: row[1] for row in await _hub_rows(settings, statement)}


async def _hub_rows(settings: Settings, statement: str) -> list[Any]:
    name = database_name("hub", settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


def _records(settings: Settings) -> list[Stored]:
    topic = out_topic(settings.environment, declared_by_recipient()[RECIPIENT])
    files = segments(settings.state_directory, topic)
    return [record for file in files for record in stored_records(file.read_bytes())]


def _suspend(settings: Settings) -> None:
    shell = CliRunner(env=environment_of(settings.model_dump()))
    asked = ["grants", "suspend", RECIPIENT, "--by", "privacy-officer-1", "--reason", "synthetic"]
    result = shell.invoke(app, asked)
    assert result.exit_code == 0, result.output
