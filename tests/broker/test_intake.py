"""A register system's file on a real PostgreSQL: full, difference, killed half-way, and rows that cannot be taken."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from infra.runtime.databases import Database
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from producers.intake.layout import load_layout
from producers.intake.service import Intake, Standing
from producers.intake.source import Source
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.filings import parse_filing
from producers.register.registrar import Registrar
from producers.synthetic.city import SyntheticCity
from producers.synthetic.register_faults import FAULTS
from producers.synthetic.register_file import write_register_file
from producers.synthetic.register_rows import Row, layout_line, line_of, resident_rows
from tests.path.shell import done, typed
from tests.polling import until
from tests.unit.register.counter import AWAY, DAY, HOME, person
from topics.messages.change import Change

CITY = "142158"
LAYOUT = load_layout()
EVERYTHING = "SELECT addressee_number, household_number, history_number, state, record FROM resident ORDER BY 1"


@pytest.fixture
async def city(settings: Settings) -> Settings:
    await prepare_databases(settings, (REGISTER_DATABASE, NUMBERS_DATABASE))
    return settings


@pytest.fixture
def people() -> list[Row]:
    """Ten residents, one row each."""
    return [rows[-1] for rows in resident_rows(SyntheticCity(3, CITY, 10))]


async def test_a_full_file_becomes_the_register(city: Settings, tmp_path: Path) -> None:
    file = tmp_path / "full.csv"
    write_register_file(file, SyntheticCity(1, CITY, 300))
    rows = [row for rows in resident_rows(SyntheticCity(1, CITY, 300)) for row in rows]
    standing = await _take(city, file)
    assert (standing.created, standing.refused, standing.line) == (300, 0, 1 + len(rows))
    assert standing.former == len(rows) - 300 > 10
    async with _rows(city, REGISTER_DATABASE) as connection:
        events = [
            Change.from_wire(r["event"]) for r in await connection.fetch("SELECT event FROM outbox ORDER BY position")
        ]
        positions = await connection.fetchval("SELECT array_agg(position ORDER BY position) FROM history")
        heads = await connection.fetchval("SELECT count(*) FROM household WHERE head IS NULL")
        former = await connection.fetchval("SELECT count(*) FROM former_record WHERE record ? 'my_number'")
    assert positions == list(range(1, 301)) == [event.position for event in events]
    assert {(event.kind.value, event.reason, event.history_number) for event in events} == {("created", "91", 1)}
    assert all(e.after is not None and e.after.my_number and e.after.resident_code for e in events)
    assert (heads, former) == (0, 0)


async def test_the_same_file_again_changes_nothing(city: Settings, tmp_path: Path, people: list[Row]) -> None:
    file = _file(tmp_path / "a.csv", people)
    first = await _take(city, file)
    assert await _take(city, file) == first
    again = await _take(city, _file(tmp_path / "b.csv", people[::-1]))
    assert (again.created, again.changed, again.unchanged) == (0, 0, 10)
    assert await _count(city, "history") == await _count(city, "outbox") == 10


async def test_a_difference_applies_over_a_full_file(city: Settings, tmp_path: Path, people: list[Row]) -> None:
    await _take(city, _file(tmp_path / "full.csv", people))
    before = await _everybody(city)
    moved = people[0] | {"history_number": "2", "lot": "9番9号", "reason": "31", "operator": "W7"}
    dead = people[1] | {"history_number": "2", "reason": "23", "removal_reason": "23"}
    dead |= {"removed_on": "2026-01-05", "removal_filed_on": "2026-01-06"}
    undone = people[2] | {"history_branch": "1", "deleted": "1", "reason": "49"}
    renumbered = people[3] | {"history_number": "2", "my_number": "123456789018", "reason": "42"}
    rows = [people[0] | {"latest": "0"}, moved, dead, undone, renumbered, people[4]]
    standing = await _take(city, _file(tmp_path / "diff.csv", rows), difference=True)
    assert (standing.changed, standing.ceased, standing.annulled, standing.unchanged) == (2, 1, 1, 1)
    async with _rows(city, REGISTER_DATABASE) as connection:
        outbox = await connection.fetch("SELECT event FROM outbox WHERE position > 10 ORDER BY position")
    changes = [Change.from_wire(row["event"]) for row in outbox]
    told = [(c.kind.value, c.state.value, c.reason, c.changed_items, c.refers_to) for c in changes]
    assert told[0] == ("changed", "active", "31", (14,), None)
    assert told[1] == ("ceased", "ceased", "23", (24,), None)
    assert (told[2][:3], told[2][4]) == (("annulled", "absent", "49"), 1)
    assert told[3] == ("changed", "active", "42", (3,), None)
    assert changes[0].operator == "W7"
    after = await _everybody(city)
    assert {n for n in before if before[n] != after[n]} == {_number(row) for row in people[:4]}


async def test_who_comes_without_a_number_is_asked_for(city: Settings, tmp_path: Path, people: list[Row]) -> None:
    numberless = people[0] | {"my_number": ""}
    await _take(city, _file(tmp_path / "full.csv", [numberless, *people[1:]]))
    async with _rows(city, REGISTER_DATABASE) as connection:
        asked = await connection.fetch("SELECT addressee_number, state FROM number_request")
    assert [tuple(row) for row in asked] == [(_number(numberless), "asked")]


async def test_what_is_older_than_the_register_is_refused(city: Settings, tmp_path: Path, people: list[Row]) -> None:
    newer = [row | {"history_number": "5"} for row in people]
    await _take(city, _file(tmp_path / "full.csv", newer))
    rows = [people[0], newer[1] | {"lot": "8番8号"}]
    standing = await _take(city, _file(tmp_path / "diff.csv", rows), difference=True)
    assert (standing.refused, standing.changed) == (1, 1)
    async with _rows(city, REGISTER_DATABASE) as connection:
        found = await connection.fetch("SELECT line, code FROM intake_finding WHERE refused")
    assert [tuple(row) for row in found] == [(2, "INTAKE-OLDER")]


async def test_rows_that_stand_apart_are_refused(city: Settings, tmp_path: Path, people: list[Row]) -> None:
    rows = [*people, people[0], people[1] | {"history_number": "2"}]
    standing = await _take(city, _file(tmp_path / "full.csv", rows))
    assert (standing.created, standing.refused) == (10, 2)
    async with _rows(city, REGISTER_DATABASE) as connection:
        found = await connection.fetch("SELECT line, code FROM intake_finding ORDER BY line")
    assert [tuple(row) for row in found] == [(12, "INTAKE-DUPLICATE"), (13, "INTAKE-SCATTERED")]


async def test_every_planted_fault_is_told_by_line_and_code(city: Settings, tmp_path: Path) -> None:
    file, report = tmp_path / "full.csv", tmp_path / "report.jsonl"
    synthetic = SyntheticCity(2, CITY, 20 * (len(FAULTS) + 1))
    planted = write_register_file(file, synthetic, faulty_each=20)
    assert len(planted) == len(FAULTS)
    result = await typed(city, "intake", str(file), "--report", str(report), "--json")
    assert result.exit_code == 2, result.stderr
    told = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    refused = [(each["line"], each["code"], each["field"]) for each in told if each["severity"] == "error"]
    assert sorted(refused) == sorted((fault.line, fault.code, fault.field) for fault in planted)
    standing = json.loads(result.stdout)["standing"]
    taken = standing["created"]
    assert standing["refused"] == len(planted)
    assert taken == synthetic.residents - len({f.line for f in planted if f.code not in _BESIDE})
    again = await typed(city, "intake", str(file))
    assert again.exit_code == 2
    assert "INTAKE-NUL" in again.stdout
    everything = (
        result.output + again.output + report.read_text(encoding="utf-8") + await _dump(city, REGISTER_DATABASE)
    )
    assert len(everything) > 100_000
    assert not [number for number in _numbers(file) if number in everything]


async def test_no_number_is_readable_in_the_numbers_database(city: Settings, tmp_path: Path, people: list[Row]) -> None:
    file = _file(tmp_path / "full.csv", people)
    await _take(city, file)
    everything = await _dump(city, NUMBERS_DATABASE)
    assert everything.count("my-number") == 10
    assert not [n for n in _numbers(file) if n in everything or n.encode().hex() in everything]


async def test_killed_half_way_it_goes_on_without_a_double(city: Settings, tmp_path: Path) -> None:
    file = tmp_path / "full.csv"
    write_register_file(file, SyntheticCity(4, CITY, 9000))
    lines = file.read_bytes().count(b"\n")
    process = await asyncio.to_thread(_started, city, file)
    try:
        await until(lambda: _progressed(city), 90.0, "the intake made no progress")
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL
    half = await _count(city, "history")
    assert 0 < half < 9000
    await done(city, "intake", str(file))
    async with _rows(city, REGISTER_DATABASE) as connection:
        row = await connection.fetchrow("SELECT line, created FROM intake_file")
        positions = await connection.fetchval("SELECT array_agg(position ORDER BY position) FROM outbox")
        doubled = await connection.fetchval("SELECT count(*) FROM history WHERE history_number > 1")
    assert row is not None
    assert (row["line"], row["created"], doubled) == (lines, 9000, 0)
    assert positions == list(range(1, 9001))
    assert await _count(city, "resident") == await _count(city, "number_reference") // 2 == 9000
    async with _rows(city, NUMBERS_DATABASE) as connection:
        assert await connection.fetchval("SELECT count(*) FROM number_version") == 18_000


async def test_another_layout_and_a_difference_without_a_full_file_are_refused(
    city: Settings, tmp_path: Path, people: list[Row]
) -> None:
    with pytest.raises(Refusal, match="INTAKE-NO-FULL"):
        await _take(city, _file(tmp_path / "diff.csv", people), difference=True)
    other = tmp_path / "other.csv"
    other.write_bytes("宛名番号,氏名\r\n".encode())
    with pytest.raises(Refusal, match="INTAKE-HEADER"):
        await _take(city, other)
    assert await _count(city, "intake_file") == 0


async def test_numbers_that_came_are_not_given_out_again(city: Settings, tmp_path: Path, people: list[Row]) -> None:
    await _take(city, _file(tmp_path / "full.csv", people))
    told: dict[str, Any] = {
        "filing_id": "0b0d4a3e-58f6-4c7c-9a5e-3d8f2c1b7a60",
        "operator": "synthetic-1",
        "filed_on": DAY,
    }
    told |= {"kind": "move-in-domestic", "changed_on": DAY, "origin": AWAY, "address": HOME, "persons": [person()]}
    async with Registrar.open(city, CITY) as registrar:
        outcome = (await registrar.register([parse_filing(json.dumps(told))]))[0]
    assert outcome.result == "registered"
    assert outcome.residents[0] > max(_number(row) for row in people)


_BESIDE = {"INTAKE-DUPLICATE", "INTAKE-LATEST"}


def _number(row: Row) -> str:
    return row["addressee_number"][-10:]


def _numbers(file: Path) -> set[str]:
    places = [i for i, c in enumerate(LAYOUT.physical) if c.name in {"my_number", "resident_code"}]
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()[1:]
    cells = [line.split(",") for line in lines if line.count(",") >= max(places)]
    found = {cell[place] for cell in cells for place in places if len(cell[place]) in {11, 12}}
    assert len(found) >= 20
    return found


def _file(path: Path, rows: list[Row]) -> Path:
    path.write_bytes(line_of(LAYOUT.header) + b"".join(layout_line(LAYOUT, row) for row in rows))
    return path


async def _take(settings: Settings, file: Path, *, difference: bool = False) -> Standing:
    async with Intake.open(settings, CITY) as intake:
        _, standing = await intake.take(Source(file, "difference" if difference else "full", LAYOUT))
    return standing


def _started(settings: Settings, file: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | environment_of(settings.model_dump())
    command = [sys.executable, "-m", "hub", "intake", str(file)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def _progressed(settings: Settings) -> bool:
    return await _count(settings, "history") > 0


async def _everybody(settings: Settings) -> dict[str, Any]:
    async with _rows(settings, REGISTER_DATABASE) as connection:
        return {row["addressee_number"]: tuple(row) for row in await connection.fetch(EVERYTHING)}


async def _count(settings: Settings, table: str) -> int:
    async with _rows(settings, REGISTER_DATABASE) as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))


async def _dump(settings: Settings, database: Database) -> str:
    """Every column of every table, as text, and what is in the outbox."""
    async with _rows(settings, database) as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [table["tablename"] for table in tables]
        rows = [row for name in names for row in await connection.fetch(f"SELECT t::text FROM {name} t")]
        events = await connection.fetch("SELECT event FROM outbox") if "outbox" in names else []
    return "\n".join([*(row["t"] for row in rows), *(row["event"].decode() for row in events)])


@asynccontextmanager
async def _rows(settings: Settings, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The database as its owner sees it."""
    name = database.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()
