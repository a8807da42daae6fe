"""A grant given anew: a topic of its own, numbers from 1, everybody's present state, and nothing left of the old."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.commandline.deployment import prepare
from hub.commandline.main import app
from hub.watch.counts import hub_standing
from infra.check.sources import read_copy
from infra.runtime.databases import database_name
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings, environment_of
from tests.path.deployment import Deployment, deployed
from topics.declared import SHIPPED, declared_by_recipient
from topics.grant import Grant

RESIDENTS, CHANGES = 120, 150


@pytest.fixture
async def deployment(settings: Settings, tmp_path: Path) -> AsyncIterator[Deployment]:
    grants = shutil.copytree(SHIPPED, tmp_path / "grants", ignore=shutil.ignore_patterns("__*"))
    running = await deployed(settings.model_copy(update={"grants_directory": grants}))
    yield running
    running.supervisor.stop()


@pytest.mark.parametrize("recipient", ["intermediate", "welfare"])
async def test_a_later_grant_begins_anew(deployment: Deployment, recipient: str) -> None:
    settings = deployment.settings
    await deployment.load(RESIDENTS)
    await deployment.live(CHANGES)
    await deployment.settle()
    links, old = await _links(settings), await _subjects(settings, recipient)
    await asyncio.to_thread(_stop_and_give_anew, settings, recipient)
    await deployment.live(CHANGES)
    await prepare(settings)
    (role,) = (role for role in deployment.supervisor.roles if role.name == recipient)
    deployment.supervisor.kill(role)
    deployment.supervisor.start_one(recipient)
    await deployment.settle()
    report = await deployment.verify()
    assert report.findings == ()
    standing = (await hub_standing(settings, settings.municipalities[0])).recipients[recipient]
    assert 0 < standing.last_number == standing.acknowledged
    assert not old & await _subjects(settings, recipient)
    kept = await _links(settings)
    assert {resident: kept[resident] for resident in links} == links


def _stop_and_give_anew(settings: Settings, recipient: str) -> None:
    assert settings.grants_directory is not None
    shell = CliRunner(env=environment_of(settings.model_dump()))
    proposal = settings.grants_directory / "proposal.txt"
    proposal.write_bytes((settings.grants_directory / f"{recipient}.yaml").read_bytes())
    letter = ["--letter", str(proposal), "--requester", "office-2"]
    for step in (
        ["suspend", recipient, "--by", "officer-1", "--reason", "synthetic"],
        ["request", str(proposal), *letter],
        ["review", recipient, "--by", "officer-2", "--decision", "approved"],
    ):
        result = shell.invoke(app, ["grants", *step])
        assert result.exit_code == 0, result.output


async def _subjects(settings: Settings, recipient: str) -> set[str]:
    """Whom the recipient's copy holds, under the pseudonyms of its topic."""
    grant = _declared(settings, recipient)
    return set(await read_copy(settings, settings.municipalities[0], grant))


async def _links(settings: Settings) -> dict[str, str]:
    """The newest link number of each resident."""
    name = database_name("hub", settings.environment, settings.municipalities[0])
    connection = await connect(settings, name, role="auditor", principal="auditor")
    try:
        rows = await connection.fetch(
            "SELECT addressee_number, link_number FROM recipient_resident WHERE recipient = 'intermediate' "
            "ORDER BY generation"
        )
    finally:
        await connection.close()
    return {row["addressee_number"]: row["link_number"] for row in rows}


def _declared(settings: Settings, recipient: str) -> Grant:
    return declared_by_recipient(settings.grants_directory)[recipient]
