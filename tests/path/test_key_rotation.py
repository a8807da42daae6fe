"""Keys rotated and retired in full flow, hub and relay killed in the midst: nothing lost; destroyed, nothing opens."""

import asyncio
import json
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from consumers.kit.counts import counts
from hub.commandline.deployment import desired_now, grants_now, prepare
from hub.commandline.main import app
from hub.databases import HUB_DATABASE
from hub.watch.counts import hub_standing
from infra.runtime.key_ring import read_register
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings, environment_of
from tests.path.deployment import Deployment, deployed
from tests.path.keys import Lying, lying, privates_here
from tests.polling import until
from topics.catalogue import HUB, REGISTER
from topics.envelope.keys import KeyState, PublicKey, place

CITY = "142158"
RESIDENTS, CHANGES, LATER_CHANGES = 200, 1500, 100
DEADLINE_SECONDS = 120.0
KEY_FILE = re.compile(r"[A-Za-z0-9_-]{43}\.key")
SMALL = {"relay_batch_records": 40, "hub_batch_records": 40, "dispatch_batch_records": 40, "consumer_batch_records": 40}
ROTATIONS = (
    ("prefecture", "--seal"), (HUB, "--sign"), (HUB, "--seal"), (REGISTER, "--sign"), ("prefecture", "--sign"),
    ("intermediate", "--seal", "--algorithm", "x-wing"),
)  # fmt: skip


@dataclass(slots=True)
class Rotated:
    """A deployment with a key register of its own, and the keys that were retired in it."""

    deployment: Deployment
    former: list[PublicKey] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return self.deployment.settings

    def line(self, key_id: str) -> PublicKey:
        return read_register(self.settings.key_register_directory).keys[key_id]

    def run(self, *command: str) -> str:
        result = CliRunner(env=environment_of(self.settings.model_dump())).invoke(app, ["keys", *command])
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    def rotate(self, principal: str, purpose: str, *algorithm: str) -> None:
        register = read_register(self.settings.key_register_directory)
        former = register.newest(principal, seals=purpose == "--seal")
        assert former is not None
        self.run("rotate", principal, purpose, *algorithm)
        self.former.append(former)

    def records(self) -> list[Lying]:
        """Everything on every topic of the environment, as it lies on the disks."""
        return [record for topic in desired_now(self.settings).topics for record in lying(self.settings, topic.name)]


@pytest.fixture
async def rotated(settings: Settings, tmp_path: Path) -> AsyncIterator[Rotated]:
    await prepare(settings)
    own = {
        "keys_directory": shutil.copytree(settings.keys_directory, tmp_path / "keys", ignore=_of_others(settings)),
        "key_register_directory": shutil.copytree(settings.key_register_directory, tmp_path / "register"),
    }
    deployment = await deployed(settings.model_copy(update=own | SMALL))
    yield Rotated(deployment)
    deployment.supervisor.stop()


def _of_others(settings: Settings) -> Callable[[str, list[str]], list[str]]:
    """Private halves of other environments, which share the servers of this test run."""
    own = read_register(settings.key_register_directory).keys
    return lambda _directory, names: [n for n in names if KEY_FILE.fullmatch(n) and n.removesuffix(".key") not in own]


async def test_keys_change_in_full_flow_and_nothing_is_lost(rotated: Rotated) -> None:
    deployment = rotated.deployment
    await deployment.load(RESIDENTS)
    await deployment.settle()  # what waits for a window goes out under the first keys
    await deployment.live(CHANGES, partial(_change_all, rotated))
    await _is_whole(rotated, RESIDENTS + CHANGES)
    _marks_are_never_short(rotated)
    await deployment.live(LATER_CHANGES)
    await deployment.settle()
    for line in rotated.former:
        await asyncio.to_thread(rotated.run, "destroy", line.key_id, "--yes")
    _what_was_destroyed_opens_for_nobody(rotated)
    await _is_whole(rotated, RESIDENTS + CHANGES + LATER_CHANGES)
    assert json.loads(await asyncio.to_thread(rotated.run, "check", "--json"))["ok"]


async def _change_all(rotated: Rotated) -> None:
    """Rotate at one step of the way each, kill in between, and retire at once while changes go on."""
    for step, rotation in enumerate(ROTATIONS, start=1):
        await _routed(rotated.settings, RESIDENTS + step * 100)
        await asyncio.to_thread(rotated.rotate, *rotation)
        if step == len(ROTATIONS) // 2:
            _kill(rotated.deployment, "hub", "relay")
    for step, line in enumerate(rotated.former, start=len(ROTATIONS) + 1):
        await _routed(rotated.settings, RESIDENTS + step * 100)
        await asyncio.to_thread(rotated.run, "retire", line.key_id[:20])


def _kill(deployment: Deployment, *names: str) -> None:
    for role in [role for role in deployment.supervisor.roles if role.name in names]:
        deployment.supervisor.kill(role)
        deployment.supervisor.start_one(role.name)


async def _routed(settings: Settings, position: int) -> None:
    async def condition() -> bool:
        return (await hub_standing(settings, CITY)).next_position > position

    await until(condition, DEADLINE_SECONDS, "the hub does not get on")


async def _is_whole(rotated: Rotated, changes: int) -> None:
    await rotated.deployment.settle()
    report = await rotated.deployment.verify()
    assert report.findings == ()
    assert report.changes == changes
    for grant in grants_now(rotated.settings):
        counted = await counts(rotated.settings, grant.recipient)
        assert (counted.held, counted.parked, counted.missing) == (0, 0, 0)
    assert await _parked_by_hub(rotated.settings) == 0


async def _parked_by_hub(settings: Settings) -> int:
    name = HUB_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role=HUB, principal=HUB)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM parked"))
    finally:
        await connection.close()


def _marks_are_never_short(rotated: Rotated) -> None:
    """Each retired key was used before it was retired, and nowhere beyond its marks."""
    records = rotated.records()
    for former in rotated.former:
        line = rotated.line(former.key_id)
        assert line.state is KeyState.RETIRED
        furthest: Counter[str] = Counter()
        for record in records:
            run, number = record.envelope.signed.run, record.envelope.head.number
            if line.key_id in (run.sender_key, run.recipient_key):
                furthest[place(*record.place)] = max(furthest[place(*record.place)], number)
        assert furthest
        assert all(number <= line.marks[where] for where, number in furthest.items())


def _what_was_destroyed_opens_for_nobody(rotated: Rotated) -> None:
    """With every private key that lies on the machine, tried on every record whatever it says of itself."""
    privates, gone = privates_here(rotated.settings), {line.key_id for line in rotated.former if line.seals}
    under: Counter[tuple[bool, bool]] = Counter()
    for record in rotated.records():
        is_gone = record.envelope.signed.run.recipient_key in gone
        under[is_gone, record.opened_with(privates) is not None] += 1
    assert under[True, False] > RESIDENTS
    assert under[False, True] > RESIDENTS
    assert set(under) == {(True, False), (False, True)}
