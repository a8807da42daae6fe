"""The analysis on a real broker and database, killed at any moment: no alert lost, none doubled."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from hub.commandline.deployment import prepare
from hub.commandline.keys.reach import last_given, last_taken
from hub.commandline.main import app
from hub.databases import ANALYSIS_DATABASE
from hub.watch.access.outcomes import NoteCode, Outcome
from hub.watch.access.review import listed, review, show
from hub.watch.access.scoring import raised
from infra.check.segments import segments, stored_records
from infra.embedded.supervisor import Supervisor
from infra.runtime.databases import Database
from infra.runtime.kafka import producer
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from producers.register.databases import REGISTER_DATABASE
from producers.relay.access_log import Outbox
from producers.synthetic.operators.year import year_of
from tests.polling import until
from topics.catalogue import ADMIN, ANALYSIS, DESK, REGISTER, access_topic, access_windows_topic
from topics.messages.access import Entry, LookUp, UpTo
from topics.partitions import partition_of

CITY = "142158"
DEADLINE_SECONDS = 120.0


@pytest.fixture
async def city(settings: Settings) -> Settings:
    """A prepared deployment in which a dead member of a group is missed soon."""
    own = settings.model_copy(update={"session_timeout_seconds": 6})
    await prepare(own)
    return own


@asynccontextmanager
async def opened(settings: Settings, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A city's database as its owner."""
    connection = await connect(settings, database.name(settings.environment, CITY), role=ADMIN, principal=ADMIN)
    try:
        yield connection
    finally:
        await connection.close()


async def send(settings: Settings, entries: Sequence[Entry]) -> None:
    """Entries as rows of the register's outbox, sent by its sender."""
    link = producer(settings, REGISTER)
    await link.start()
    try:
        async with opened(settings, REGISTER_DATABASE) as connection:
            rows = [(entry.to_wire(),) for entry in entries]
            await connection.executemany("INSERT INTO access_outbox (entry) VALUES ($1)", rows)
            while await Outbox(settings, CITY, connection, link).send():
                pass
    finally:
        await link.stop()


async def alerts(settings: Settings) -> list[Any]:
    """Whatever is on the review list."""
    async with opened(settings, ANALYSIS_DATABASE) as connection:
        rows: list[Any] = await connection.fetch("SELECT alert_id, rule, operator FROM alert ORDER BY 1")
        return rows


@cache
def log() -> tuple[list[Entry], list[Entry]]:
    """Some days of the synthetic counters, thinned, with all that is misuse in them; and that alone."""
    year = year_of(7, 12)
    planted = [entry for entry in year.entries if entry.event_id in year.planted]
    thinned = [
        entry
        for number, entry in enumerate(year.entries)
        if entry.event_id in year.planted or number % 40 == 0 or isinstance(entry, UpTo)
    ]
    return thinned, planted


PARTS = 3


async def test_killed_in_mid_window_no_alert_is_lost_and_none_doubled(city: Settings) -> None:
    """What is on the list is what the rules say of the whole log without any process, broker or database."""
    entries, _ = log()
    expected = sorted(alert.id for alert in raised(entries))
    supervisor, size = Supervisor(city), 1 + len(entries) // PARTS
    try:
        for part in range(PARTS):
            role = supervisor.start_one("analysis")
            known = len(await alerts(city))
            await send(city, entries[part * size : (part + 1) * size])
            await until(partial(_more_than, city, known), DEADLINE_SECONDS)
            if part < PARTS - 1:
                supervisor.kill(role)
        await send(city, entries[-size:])
        await until(lambda: _all_taken(city), DEADLINE_SECONDS)
    finally:
        codes = supervisor.stop()
    assert [row["alert_id"] for row in await alerts(city)] == expected
    assert set(codes.values()) == {0}
    await _review(city)
    _nothing_is_readable(city)


async def _all_taken(settings: Settings) -> bool:
    """Whether a retired key of the analysis could be destroyed: nothing under it waits any more."""
    line = KeyRing(settings).register().seal_key(ANALYSIS)
    return line is not None and await last_taken(settings, line) == await last_given(settings, line)


async def _more_than(settings: Settings, count: int) -> bool:
    return len(await alerts(settings)) > count


async def _review(settings: Settings) -> None:
    """Masked on the list; shown to somebody who answers for it; reviewed by anybody but the operator."""
    first, *rest = await listed(settings)
    assert len(rest) + 1 == len(await alerts(settings))
    by_id = {row["alert_id"]: row["operator"] for row in await alerts(settings)}
    operator = by_id[first.alert]
    assert operator not in repr(first)
    for act in (show(settings, first.alert, operator), _reviewed(settings, first.alert, operator)):
        with pytest.raises(Refusal, match="KRN-REVIEW-OWN"):
            await act
    with pytest.raises(Refusal, match="KRN-REVIEW-ALERT"):
        await show(settings, "0" * 16, "reviewer-1")
    with pytest.raises(Refusal, match="KRN-REVIEW-ACCOUNT"):
        await _reviewed(settings, first.alert, "No Account")
    assert (await show(settings, first.alert, "reviewer-1")).operator == operator
    await _reviewed(settings, first.alert, "reviewer-1")
    await review(settings, first.alert, Outcome.MISUSE, "reviewer-2", NoteCode.CURIOSITY)
    waiting = await asyncio.to_thread(_command, settings, "alerts", "--json")
    assert {each["alert"] for each in waiting["alerts"]} == {one.alert for one in rest}
    assert (waiting["failed_entries"], operator in repr(waiting)) == (0, False)
    (done,) = [one for one in await listed(settings, reviewed=True) if one.outcome is not None]
    assert (done.alert, done.outcome, done.note_code) == (first.alert, "misuse", "curiosity")
    async with opened(settings, ANALYSIS_DATABASE) as connection:
        (view,) = await connection.fetch("SELECT alert_id, viewer FROM alert_view")
        assert tuple(view) == (first.alert, "reviewer-1")
        assert await connection.fetchval("SELECT count(*) FROM review") == 2


def _command(settings: Settings, *arguments: str) -> Any:
    """What the command line answers to programs."""
    result = CliRunner(env=environment_of(settings.model_dump())).invoke(app, ["access", *arguments])
    assert result.exit_code == 0
    return json.loads(result.stdout)


async def _reviewed(settings: Settings, alert: str, reviewer: str) -> None:
    await review(settings, alert, Outcome.UNCLEAR, reviewer, NoteCode.ASKED_BACK)


def _nothing_is_readable(settings: Settings) -> None:
    """Neither operators nor residents stand in the topic or the changelog, in keys, values or headers."""
    entries, _ = log()
    names = {entry.operator for entry in entries if not isinstance(entry, UpTo)}
    names |= {subject.pseudonym for entry in entries if isinstance(entry, LookUp) for subject in entry.subjects}
    for topic in (access_topic(settings.environment), access_windows_topic(settings.environment)):
        records = [
            one for file in segments(settings.state_directory, topic) for one in stored_records(file.read_bytes())
        ]
        assert records
        told = b"".join(b"".join((one.key, one.value, repr(one.headers).encode())) for one in records)
        assert not [name for name in names if name.encode() in told]


async def test_an_entry_that_is_none_is_remembered_and_the_next_has_its_turn(city: Settings) -> None:
    _, planted = log()
    supervisor = Supervisor(city)
    await _forge(city, b"not an envelope")
    await send(city, planted[:40])
    supervisor.start(["analysis"])
    try:
        await until(partial(_more_than, city, 0), DEADLINE_SECONDS)
        await until(lambda: _failed(city, 1), DEADLINE_SECONDS)
    finally:
        supervisor.stop()


async def _forge(settings: Settings, value: bytes) -> None:
    link = producer(settings, DESK)
    await link.start()
    try:
        await link.send_and_wait(access_topic(settings.environment), value, partition=partition_of(CITY))
    finally:
        await link.stop()


async def _failed(settings: Settings, count: int) -> bool:
    async with opened(settings, ANALYSIS_DATABASE) as connection:
        rows = await connection.fetch("SELECT code FROM failed_entry")
    return [row["code"] for row in rows] == ["ENV-MALFORMED"] * count
