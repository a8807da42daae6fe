"""What came in a register system's file reaches the recipients as any other change, and the verifier agrees."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.commandline.settlement import recipients_standing
from infra.check.sources import read_copy
from infra.runtime.settings import Settings
from producers.intake.layout import load_layout
from producers.synthetic.city import SyntheticCity
from producers.synthetic.register_rows import Row, layout_line, line_of, resident_rows
from tests.path.deployment import Deployment, deployed
from tests.path.shell import done
from topics.declared import declared_by_recipient

LAYOUT = load_layout()
RESIDENTS, SERIAL_DIGITS = 60, 10


@pytest.fixture
async def deployment(settings: Settings) -> AsyncIterator[Deployment]:
    running = await deployed(settings)
    yield running
    running.supervisor.stop()


async def test_a_file_and_a_difference_reach_every_recipient(deployment: Deployment, tmp_path: Path) -> None:
    city = SyntheticCity(6, deployment.settings.municipalities[0], RESIDENTS)
    people = [rows[-1] for rows in resident_rows(city)]
    await done(deployment.settings, "intake", str(_file(tmp_path / "full.csv", people)))
    await deployment.settle()
    changed = _changed(people)
    await done(deployment.settings, "intake", str(_file(tmp_path / "difference.csv", changed)), "--difference")
    await deployment.settle()
    report = await deployment.verify()
    assert report.findings == ()
    assert report.changes == RESIDENTS + len(changed)
    prefecture = (await recipients_standing(deployment.settings))["prefecture"]
    assert prefecture.applied == prefecture.delivered == RESIDENTS + len(changed)
    assert (prefecture.held, prefecture.rejected) == (0, 0)
    await _protections_are_told(deployment, people[0]["addressee_number"][-SERIAL_DIGITS:])


async def _protections_are_told(deployment: Deployment, who: str) -> None:
    """Nobody had told of any: the prefecture has all addresses by law, the copy none until that is made good."""
    settings, by = deployment.settings, ("--operator", "counter-1")
    here = RESIDENTS - 1
    assert await _addresses(settings, "prefecture") == (here, here)
    assert await _addresses(settings, "intermediate") == (here, 0)
    await done(settings, "protection", "file", "provisional", "--resident", who, "--level", "address", *by)
    told = await done(settings, "protection", "none", *by, "--json")
    again = await done(settings, "protection", "none", *by, "--json")
    assert [json.loads(each.stdout)["persons"] for each in (told, again)] == [RESIDENTS - 1, 0]
    await deployment.settle()
    assert await _addresses(settings, "intermediate") == (here, here)
    assert (await deployment.verify()).findings == ()


async def _addresses(settings: Settings, recipient: str) -> tuple[int, int]:
    """How many persons the recipient has, and how many addresses."""
    grant = declared_by_recipient(settings.grants_directory)[recipient]
    copy = await read_copy(settings, settings.municipalities[0], grant)
    return len(copy), sum("address" in row.items for row in copy.values())


def _changed(people: list[Row]) -> list[Row]:
    """One moves, one dies, one was never to be there, one comes by another My Number."""
    dead = {"reason": "23", "removal_reason": "23", "removed_on": "2026-01-05", "removal_filed_on": "2026-01-06"}
    told: list[Row] = [
        {"lot": "9番9号", "reason": "31"},
        dead,
        {"deleted": "1", "reason": "49"},
        {"my_number": "123456789018", "reason": "42"},
    ]
    return [person | {"history_number": "7"} | change for person, change in zip(people, told, strict=False)]


def _file(path: Path, rows: list[Row]) -> Path:
    path.write_bytes(line_of(LAYOUT.header) + b"".join(layout_line(LAYOUT, row) for row in rows))
    return path
