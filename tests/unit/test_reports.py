"""What a failing test leaves, on the screen and as JUnit XML, quotes no value that it handled."""

import os
import subprocess
import sys
from pathlib import Path

from infra.check.artefacts import file_artefacts
from infra.check.canaries import Canary, Kind, Leak, Scan

ROOT = Path(__file__).parents[2]
VALUES = {Kind.MY_NUMBER: "730192854665", Kind.NAME: "鸑鷟院　𠮷之丞"}
SCAN = Scan(Canary(kind, 1, value) for kind, value in VALUES.items())
ARTEFACTS = ("junit.xml", "screen.txt")
FAILING = '''
import asyncio, logging, os, sys, warnings
import asyncpg, pydantic, pytest

NUMBER, NAME = os.environ["PLANTED_NUMBER"], os.environ["PLANTED_NAME"]

@pytest.fixture
def broken():
    held = NAME
    raise LookupError(held)

def test_comparison():
    number, name = NUMBER, {"name": NAME}
    assert [number, name] == ["synthetic"]

def test_lookup():
    {}[NUMBER]

def test_setup(broken):
    pass

def test_output():
    print(NAME, NUMBER)
    sys.stderr.write(NAME)
    logging.getLogger("planted").error(NAME)
    assert not NUMBER

def test_warning():
    warnings.warn(NAME)

def test_chain():
    try:
        int(NAME)
    except ValueError as error:
        raise RuntimeError(NUMBER) from error

def test_no_match():
    with pytest.raises(ValueError, match="synthetic"):
        raise ValueError(NUMBER)

def test_validation():
    class Person(pydantic.BaseModel):
        name: int
    Person(name=NAME)

def test_database():
    raise asyncpg.UniqueViolationError(NAME)

async def test_group():
    async def fail():
        raise ValueError(NAME)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(fail())
'''  # fmt: skip


def test_failing_tests_show_no_value(tmp_path: Path) -> None:
    _run(tmp_path)
    for artefact in ARTEFACTS:
        report = (tmp_path / artefact).read_text(encoding="utf-8")
        assert "test_comparison" in report
        assert "RuntimeError" in report
        assert _leaks(tmp_path / artefact) == []


def test_a_developer_who_asks_is_shown_the_values(tmp_path: Path) -> None:
    """And so the search above had something to find."""
    _run(tmp_path, "--show-values", "--show-capture=all")
    for artefact in ARTEFACTS:
        assert {leak.kind for leak in _leaks(tmp_path / artefact)} == set(VALUES)


def _run(directory: Path, *options: str) -> None:
    """All ten fail, under this project's own options and plugins."""
    failing = directory / "test_planted.py"
    failing.write_text(FAILING, encoding="utf-8")
    ours = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(directory), "-p", "tests.conftest"]
    kept = ["-p", "no:cacheprovider", f"--junitxml={directory / 'junit.xml'}"]
    planted = {"PLANTED_NUMBER": VALUES[Kind.MY_NUMBER], "PLANTED_NAME": VALUES[Kind.NAME]}
    with (directory / "screen.txt").open("wb") as screen:
        command = [sys.executable, "-m", "pytest", *ours, *kept, *options, str(failing)]
        environment = {**os.environ, **planted, "PYTHONIOENCODING": "utf-8"}
        subprocess.run(command, check=False, cwd=ROOT, env=environment, stdout=screen, stderr=subprocess.STDOUT)
    counted = (directory / "junit.xml").read_text(encoding="utf-8")
    assert ('errors="1"' in counted, 'failures="9"' in counted) == (True, True)


def _leaks(file: Path) -> list[Leak]:
    return [leak for artefact in file_artefacts([file]) for leak in artefact.leaks(SCAN)]
