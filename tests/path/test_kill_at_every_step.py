"""kill -9 of the hub before each of its statements, one by one: nothing is lost, doubled, or left unentered."""

import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from hub.commandline.drills.stops import stopped_before
from hub.watch.counts import hub_standing
from infra.check.disclosures import disclosures
from infra.check.sources import read_entries
from infra.runtime.settings import Settings
from producers.register.standing import last_position
from tests.path.deployment import Deployment, deployed
from tests.path.shell import done
from tests.polling import until
from topics.declared import SHIPPED

RESIDENTS, CHANGES = 60, 40
ROUTED_SECONDS = 60
STEPS = (
    ("resident", "INSERT"),
    ("ledger_entry", "INSERT"),
    ("delivery", "INSERT"),
    ("recipient_resident", "INSERT"),
    ("recipient", "UPDATE OF last_number"),
    ("progress", "INSERT"),
    ("recipient", "UPDATE OF sending_number"),
    ("recipient", "UPDATE OF dispatched_number"),
    ("recipient", "UPDATE OF acknowledged_number"),
    ("inbox_progress", "UPDATE"),
)
"""What is written, from taking a change in to taking its acknowledgement in."""
REVOKED = "prefecture"


@pytest.fixture
async def deployment(settings: Settings, tmp_path: Path) -> AsyncIterator[Deployment]:
    grants = shutil.copytree(SHIPPED, tmp_path / "grants", ignore=shutil.ignore_patterns("__*"))
    running = await deployed(settings.model_copy(update={"session_timeout_seconds": 6, "grants_directory": grants}))
    yield running
    running.supervisor.stop()


@pytest.mark.timeout(600)  # a worker that died leaves its group only after the session time-out, at every step anew
async def test_the_hub_may_die_before_each_of_its_statements(deployment: Deployment) -> None:
    await deployment.load(RESIDENTS)
    await deployment.settle()
    for table, event in STEPS:
        async with stopped_before(deployment.settings, table, event) as step:
            await deployment.live(CHANGES)
            await step.reached()
            _kill_hub(deployment)
        deployment.supervisor.start_one("hub")
        await deployment.settle()
    report = await deployment.verify()
    assert report.findings == ()
    assert report.changes == RESIDENTS + len(STEPS) * CHANGES


@pytest.mark.parametrize("event", ["UPDATE OF sending_number", "UPDATE OF dispatched_number"])
async def test_a_revocation_between_commit_and_send_voids_only_what_never_left(
    deployment: Deployment, event: str
) -> None:
    """The worker dies before it sends, or when it has sent and not yet said so; then the grant is suspended."""
    await deployment.load(RESIDENTS)
    await deployment.settle()
    before = await _sent(deployment)
    async with stopped_before(deployment.settings, "recipient", event) as step:
        await deployment.live(CHANGES)
        await step.reached()
        await until(partial(_all_routed, deployment), ROUTED_SECONDS)
        _kill_hub(deployment)
    await done(deployment.settings, "grants", "suspend", REVOKED, "--by", "privacy-officer-1", "--reason", "synthetic")
    deployment.supervisor.start_one("hub")
    await deployment.settle()
    assert (await deployment.verify()).findings == ()
    entered = await disclosures(read_entries(deployment.settings, deployment.settings.municipalities[0]))
    void = entered[REVOKED, 1].void
    assert void
    assert min(void) > before


async def _all_routed(deployment: Deployment) -> bool:
    """Also what concerns the recipient that is to be suspended, whatever came first."""
    municipality = deployment.settings.municipalities[0]
    standing = await hub_standing(deployment.settings, municipality)
    return standing.next_position > await last_position(deployment.settings, municipality)


async def _sent(deployment: Deployment) -> int:
    standing = await hub_standing(deployment.settings, deployment.settings.municipalities[0])
    return standing.recipients[REVOKED].dispatched


def _kill_hub(deployment: Deployment) -> None:
    (hub,) = (role for role in deployment.supervisor.roles if role.name == "hub")
    deployment.supervisor.kill(hub)
