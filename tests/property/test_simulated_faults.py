"""Hub, dispatch and kit through seeded faults, in one process: nothing breaks, and what is broken on purpose shows."""

import json
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.commandline.faults.life import Life
from hub.commandline.faults.machine import Machine, machine
from hub.commandline.faults.plan import plan_of
from hub.commandline.faults.run import failure_of, silence
from hub.commandline.faults.statements import KNOWN
from hub.commandline.faults.statements.table import UnknownStatementError
from hub.commandline.faults.world import World
from hub.store import SQL
from tests.property.planted import PLANTED, Planted

SEEDS = 2000
"""As many worlds live and heal in every run of the suite: a minute or two."""
ROOT = Path(__file__).parents[2]
SEEDS_TO_FIND = 60
"""Among so many worlds every planted bug shows."""


@pytest.fixture(scope="module")
def here() -> Iterator[Machine]:
    with machine() as made, silence():
        yield made


@pytest.mark.timeout(900)
def test_no_fault_breaks_anything() -> None:
    command = [sys.executable, "-m", "hub", "simulate", "faults", "--seeds", str(SEEDS), "--json"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT)
    assert json.loads(done.stdout) == {"seeds": SEEDS, "violations": 0}
    assert done.returncode == 0


def test_the_same_seed_is_the_same_story(here: Machine) -> None:
    assert _story(here, 3) == _story(here, 3)
    assert _story(here, 3) != _story(here, 4)


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_a_planted_bug_shows(here: Machine, plant: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    plant.put(monkeypatch)
    seeds = range(plant.first, plant.first + SEEDS_TO_FIND)
    assert any(failure_of(here, plan_of(seed, plant.faults)) for seed in seeds)


def test_a_statement_without_a_counterpart_ends_the_run(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(KNOWN.handlers, SQL["take_over"])
    with pytest.raises(UnknownStatementError):
        failure_of(here, plan_of(0))


def _story(here: Machine, seed: int) -> list[str]:
    world = World(here, plan_of(seed))
    world.scheduler.story = deque()
    Life(world).live()
    return list(world.scheduler.story)
