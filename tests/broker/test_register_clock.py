"""The register's clock and protections on a real PostgreSQL: once, also after kill -9; nothing lifted by a day."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from uuid import uuid4

import asyncpg
import pytest
from pydantic_core import from_json

from infra.embedded.supervisor import Supervisor
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect, open_pool
from infra.runtime.settings import Settings
from producers.register.clock import Passed, run_due
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.events import JAPAN
from producers.register.filings import Filing
from producers.register.protection.register import protect, protections_of, terms_over
from producers.register.protection.steps import ProtectionFiling
from producers.register.registrar import Registrar
from producers.register.serials import numbered
from tests.filings import filing
from tests.polling import until
from tests.unit.register.counter import ABROAD, AWAY, DAY, HOME, NEAR, person
from tests.unit.register.occasions import NOTIFIED, STATUS, foreigner

CITY, HOUSEHOLDS, SECONDS = "142158", 40, 60
BEFORE, ON_THE_DAY = date(2026, 4, 9), date(2026, 4, 10)


@pytest.fixture
async def city(settings: Settings) -> Settings:
    await prepare_databases(settings, (REGISTER_DATABASE, NUMBERS_DATABASE))
    return settings


async def test_the_announced_day_comes_and_a_notice_may_come_before_it(city: Settings) -> None:
    async with Registrar.open(city, CITY) as registrar:
        couple, noticed, stays = await _households(registrar, 2, 1, 1)
        filings = [_announced(couple), _announced(noticed), _announced(stays, to=ABROAD, day="2026-05-01")]
        notice = filing("move-in-notice", residents=noticed, to=NEAR, **NOTIFIED)
        outcomes = await registrar.register([*filings, notice])
        assert {outcome.result for outcome in outcomes} == {"registered"}
        assert await run_due(registrar, BEFORE) == Passed(0)
        assert await run_due(registrar, ON_THE_DAY) == Passed(2)
        assert await run_due(registrar, ON_THE_DAY) == Passed(0)
        assert await run_due(registrar, date(2026, 5, 1)) == Passed(1)
    async with _rows(city) as connection:
        removed = "SELECT addressee_number, record -> 'removal' ->> 'removed_on' FROM resident WHERE state = 'ceased'"
        days = {row[0]: row[1] for row in await connection.fetch(removed)}
    assert days == {**dict.fromkeys(couple, "2026-04-10"), noticed[0]: DAY, stays[0]: "2026-05-01"}


async def test_what_is_annulled_is_due_again_only_when_it_is_announced_again(city: Settings) -> None:
    async with Registrar.open(city, CITY) as registrar:
        (who,) = await _households(registrar, 1)
        announced = _announced(who)
        await registrar.register([announced])
        undone = filing("annulment", annuls=str(announced.filing_id))
        await registrar.register([undone])
        assert await run_due(registrar, ON_THE_DAY) == Passed(0)
        await registrar.register([filing("annulment", annuls=str(undone.filing_id))])
        assert await run_due(registrar, ON_THE_DAY) == Passed(1)
        async with _rows(city) as connection:
            removal = await connection.fetchval("SELECT filing_id FROM filing WHERE kind = 'move-out-effective'")
        outcome = (await registrar.register([filing("annulment", annuls=str(removal))]))[0]
        assert outcome.result == "registered"
        assert await run_due(registrar, ON_THE_DAY) == Passed(0)


async def test_clocks_side_by_side_remove_everybody_once(city: Settings) -> None:
    async with Registrar.open(city, CITY) as registrar, Registrar.open(city, CITY) as other:
        await _due(registrar)
        passed = await asyncio.gather(*(run_due(each, ON_THE_DAY, batch=3) for each in (registrar, other)))
    assert sum(each.removed for each in passed) == HOUSEHOLDS
    await _all_removed_once(city)


async def test_a_clock_that_is_killed_leaves_nothing_half_done(city: Settings) -> None:
    async with Registrar.open(city, CITY) as registrar:
        await _due(registrar)
        for least in (3, 10):
            process = get_context("spawn").Process(target=_keep_time, args=(city,))
            process.start()
            await until(lambda n=least: _removed(city, n), SECONDS)  # type: ignore[misc]
            process.kill()
            process.join()
        assert process.exitcode == -9
        left = await run_due(registrar, ON_THE_DAY)
    assert 0 < left.removed < HOUSEHOLDS
    await _all_removed_once(city)


async def test_the_clock_runs_as_a_role_and_names_nobody(city: Settings) -> None:
    today = datetime.now(JAPAN).date().isoformat()
    async with Registrar.open(city, CITY) as registrar:
        (who,) = await _households(registrar, 1)
        announced = {"residents": who, "to": AWAY, "filed_on": today, "changed_on": today}
        await registrar.register([filing("move-out-announced", **announced)])
    supervisor = Supervisor(city)
    supervisor.start(["register-clock"])
    try:
        await until(lambda: _removed(city, 1), SECONDS)
    finally:
        supervisor.stop()
    logs = [file.read_text(encoding="utf-8") for file in city.state_directory.rglob("register-clock*.log")]
    assert any("the clock was looked at" in log for log in logs)
    assert not [log for log in logs if who[0] in log]


async def test_a_change_is_kept_with_its_dates_and_a_pair_with_both_reasons(city: Settings) -> None:
    name = {"text": "合成　新", "kana": "ごうせい　しん"}
    told = {"name": name, "registered_domicile": "合成県", "domicile_head": "合成　新"}
    async with Registrar.open(city, CITY) as registrar:
        moved = filing("move-in-domestic", origin=AWAY, address=HOME, persons=[foreigner()])
        who = (await registrar.register([moved]))[0].residents[0]
        outcomes = await registrar.register(
            [
                filing("naturalisation", resident=who, **told, **NOTIFIED),
                filing("naturalisation", resident=who, **told),
                filing("residence-notice", resident=who, residence_status="永住者", **NOTIFIED),
                filing("nationality-loss", resident=who, foreign=STATUS),
            ]
        )
    assert [(o.result, o.code) for o in outcomes] == [
        ("registered", None), ("refused", "REG-CLASS"), ("refused", "REG-CLASS"), ("registered", None),
    ]  # fmt: skip
    async with _rows(city) as connection:
        history = await connection.fetch(
            "SELECT reason, paired_reason, state, dates ->> 'notified_on', dates ? 'processed_on' FROM history "
            "ORDER BY position"
        )
    assert [tuple(row) for row in history] == [
        ("11", None, "active", None, True), ("14", "24", "active", DAY, True), ("15", "25", "active", None, True),
    ]  # fmt: skip


async def test_a_protection_stands_whatever_the_day_until_it_is_ended(city: Settings) -> None:
    async with Registrar.open(city, CITY) as registrar:
        (who,) = await _households(registrar, 2)
        (other,) = await _households(registrar, 1)
    async with _pool(city) as pool:
        applied = _step("provisional", who, level="address")
        first = await protect(pool, CITY, [applied, applied, _step("end", other), _step("full", who, day="2026-04-20")])
        assert [o.result for o in first] == ["registered", "repeated", "refused", "registered"]
        assert [o.result for o in await protect(pool, CITY, [applied])] == ["repeated"]
        standing = await protections_of(pool, [*who, *other])
        assert {resident: (p.status, p.ends_on) for resident, p in standing.items()} == dict.fromkeys(
            who, ("full", date(2027, 4, 20))
        )
        assert await terms_over(pool, date(2027, 4, 20)) == {}
        assert set(await terms_over(pool, date(2027, 4, 21))) == set(who)
        assert all(p.blocks for p in (await protections_of(pool, who)).values())
        assert [o.result for o in await protect(pool, CITY, [_step("end", who[:1], day="2027-06-01")])] == [
            "registered"
        ]
        assert [p.blocks for _, p in sorted((await protections_of(pool, who)).items())] == [False, True]
    async with _rows(city) as connection:
        assert await connection.fetchval("SELECT count(*) FROM protection") == 5
        sent = [from_json(row["event"]) for row in await connection.fetch("SELECT event FROM outbox ORDER BY position")]
    assert [event["position"] for event in sent] == list(range(1, 9))
    steps = [event for event in sent if event["type"] == "protection"]
    assert [(event["resident"], event["state"]["status"]) for event in steps] == [
        *((resident, status) for status in ("provisional", "full") for resident in who), (who[0], "ended"),
    ]  # fmt: skip
    assert not {"operator", "filed_on", "step"} & {name for event in steps for name in (*event, *event["state"])}


async def test_a_step_stands_for_all_its_persons_or_for_none(city: Settings) -> None:
    unknown = numbered([999_999_998, 999_999_999])[0]
    async with Registrar.open(city, CITY) as registrar:
        (who,) = await _households(registrar, 1)
    async with _pool(city) as pool:
        outcome = (await protect(pool, CITY, [_step("provisional", [*who, unknown], level="record")]))[0]
        assert (outcome.result, outcome.code, outcome.field) == ("refused", "REG-UNKNOWN-RESIDENT", "residents")
        assert await protections_of(pool, who) == {}


@pytest.mark.parametrize("statement", ["UPDATE protection SET status = 'ended'", "DELETE FROM protection"])
async def test_no_step_of_a_protection_can_be_unmade(city: Settings, statement: str) -> None:
    async with _pool(city) as pool:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_the_counter_sees_that_a_record_is_blocked_and_not_who_blocked_it(city: Settings) -> None:
    name = REGISTER_DATABASE.name(city.environment, CITY)
    connection = await connect(city, name, role="counter", principal="register")
    try:
        assert await connection.fetch("SELECT status, level, ends_on FROM protection_now") == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT operator FROM protection")
    finally:
        await connection.close()


def _keep_time(settings: Settings) -> None:
    """A clock of its own process, some households at a time."""

    async def keep() -> None:
        async with Registrar.open(settings, CITY) as registrar:
            await run_due(registrar, ON_THE_DAY, batch=1)

    asyncio.run(keep())


async def _removed(settings: Settings, least: int) -> bool:
    async with _rows(settings) as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM resident WHERE state = 'ceased'")
    return count >= least


async def _all_removed_once(settings: Settings) -> None:
    async with _rows(settings) as connection:
        assert await connection.fetchval("SELECT count(*) FROM due_removal") == 0
        removed = await connection.fetch(
            "SELECT addressee_number, count(*) FROM history WHERE kind = 'ceased' GROUP BY 1"
        )
        positions = await connection.fetch("SELECT position FROM history ORDER BY 1")
    assert [row["count"] for row in removed] == [1] * HOUSEHOLDS
    assert [row["position"] for row in positions] == list(range(1, 3 * HOUSEHOLDS + 1))


async def _due(registrar: Registrar) -> None:
    homes = await _households(registrar, *([1] * HOUSEHOLDS))
    days = [(ON_THE_DAY - timedelta(days=n % 9)).isoformat() for n in range(HOUSEHOLDS)]
    outcomes = await registrar.register([_announced(who, day=day) for who, day in zip(homes, days, strict=True)])
    assert {outcome.result for outcome in outcomes} == {"registered"}


async def _households(registrar: Registrar, *sizes: int) -> list[list[str]]:
    words = ("世帯主", "妻", "子")
    filings = [
        filing("move-in-domestic", origin=AWAY, address=HOME, persons=[person(word) for word in words[:size]])
        for size in sizes
    ]
    return [list(outcome.residents) for outcome in await registrar.register(filings)]


def _announced(residents: list[str], *, to: dict[str, str] = AWAY, day: str = "2026-04-10") -> Filing:
    return filing("move-out-announced", residents=residents, to=to, changed_on=day)


def _step(step: str, residents: list[str], *, day: str = DAY, level: str | None = None) -> ProtectionFiling:
    told = {"filing_id": uuid4(), "operator": "synthetic-1", "filed_on": day, "step": step, "level": level}
    return ProtectionFiling.model_validate(told | {"residents": tuple(residents)})


@asynccontextmanager
async def _pool(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    name = REGISTER_DATABASE.name(settings.environment, CITY)
    async with await open_pool(settings, name, role="register", principal="register") as pool:
        yield pool


@asynccontextmanager
async def _rows(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The database as its owner sees it."""
    name = REGISTER_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()
