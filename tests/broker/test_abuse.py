"""Every abuse case on the real servers: refused, attested in the server's own words, with nothing planted repeated.

Each group has its controls: whoever is entitled succeeds at the same act, so that no refusal is one of everybody.
"""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from aiokafka.protocol.admin import DescribeConfigsRequest
from aiokafka.protocol.coordination import FindCoordinatorRequest
from typer.testing import CliRunner

from hub.commandline.abuse import administration, channel, databases, inputs, names, revocation, rights
from hub.commandline.abuse.case import PLANTED, PLANTED_NAME, Attempt, Case, Evidence, NotTriableError, all_refused
from hub.commandline.abuse.doors import doors
from hub.commandline.abuse.knock import knock
from hub.commandline.abuse.link import fetch, first_address, leader_of, linked, produce, told
from hub.commandline.abuse.run import CASES, judged, run_drill, selected
from hub.commandline.abuse.scram import DescribeCredentials
from hub.commandline.deployment import broker, drift_now, prepare
from hub.commandline.main import app
from hub.pages import headers, sessions
from hub.pages.accounts import as_administrator
from hub.pages.sessions import Session, Sessions
from infra.certificates.authority import authority_in, issue
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.exercises import last_exercises
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings, environment_of
from producers.register.databases import NUMBERS_DATABASE
from tests.environments import named
from topics.catalogue import ADMIN, HUB, REGISTER, Acl, change_topic, group, in_topic

NUMBERS = [*range(1, 76)]
WORDS = {
    Evidence.AUTHORIZER: r"^Principal = User:\S+ is Denied operation = [A-Z_]+ .* on resource = \w+:LITERAL:\S+",
    Evidence.ALERT: r"^(TLSV1|TLSV13|SSLV3)_ALERT_[A-Z_]+",
    Evidence.BROKER: r"^(NoMatchingRule: No rules apply to|SSL handshake failed)",
    Evidence.PROTOCOL: r"^[A-Z_]+ \(\d+\)",
    Evidence.SQLSTATE: r"Error 42501",
    Evidence.FINDING: r"(HUB-|KIT-UNDECODABLE|REG-(FORMAT|TEXT|HEAD)|LEDGER-|WITNESS-|BACKUP-|KRN-SEARCH-)",
    Evidence.ENVELOPE: r"(ENV-[A-Z-]+|KIT-REPLAYED-DIFFERENTLY)",
    Evidence.DEPARTURE: r"^right-too-many: addressee may read \(prefixed allow \*\)",
    Evidence.SAID: r"^RuntimeError and where it arose is all that is said; core 0$",
    Evidence.PAGES: r"^(answered [345]\d\d|shown as text|not repeated|kept from frames, copies and other sites)",
    Evidence.KEPT: r"names kept as received in register, change and delivery|cells are quoted, no cell is a formula",
}


@pytest.fixture(scope="module")
def city(cluster: EmbeddedCluster) -> Settings:
    """An environment with databases, topics and rights, which no case may alter."""
    settings = named(cluster, "abuse")
    asyncio.run(prepare(settings))
    return settings


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}: {case.title}")
async def test_what_must_fail_is_refused_in_the_servers_own_words(city: Settings, case: Case) -> None:
    attempt = await judged(city, case)
    assert attempt.refused, attempt.cause
    assert re.search(WORDS[case.evidence], attempt.cause), attempt.cause
    assert not [planted for planted in PLANTED if planted in attempt.cause]


def test_the_cases_are_the_catalogues(city: Settings) -> None:
    assert [case.number for case in CASES] == NUMBERS
    assert drift_now(city) == []


async def test_rights_are_the_entitled_ones(city: Settings) -> None:
    own = rights.out_of(city, rights.victim(city))
    changes, lane = change_topic(city.environment), rights.lane(city)
    reader, writer = (
        await leader_of(city, rights.victim(city), own, lane),
        await leader_of(city, REGISTER, changes, lane),
    )
    assert await told(city, rights.victim(city), fetch(own, lane), reader) == ""
    coordinator = FindCoordinatorRequest(group(city.environment, rights.victim(city)), 0)
    assert "AUTHORIZATION" not in await told(city, rights.victim(city), coordinator)
    assert await told(city, REGISTER, produce(changes, b"synthetic", lane), writer) == ""
    assert await told(city, HUB, fetch(changes, lane), await leader_of(city, HUB, changes, lane)) == ""


async def test_administration_is_the_administrators(city: Settings) -> None:
    own = rights.out_of(city, rights.intruder(city))
    for request in (
        administration.creation(rights.out_of(city, "drill-new")),
        administration.shorter_retention(own),
        administration.every_rule(),
        DescribeConfigsRequest([(administration.TOPIC, own, None)]),
    ):
        assert await told(city, ADMIN, request) == ""
    assert await told(city, ADMIN, DescribeCredentials("nobody")) == "UNKNOWN (91)"  # RESOURCE_NOT_FOUND


async def test_the_channel_is_open_to_good_certificates(city: Settings) -> None:
    entered = await asyncio.to_thread(knock, first_address(city), channel.presenting(city, rights.intruder(city)))
    assert entered.word == ""
    assert not channel.posing(city, city, "broker").refused
    assert await told(city, ADMIN, administration.every_rule(), channel.controller_address(city)) == ""


async def test_a_reader_with_a_right_reads_on(city: Settings) -> None:
    async with revocation.reading(city, timedelta(days=1)) as reader:
        answer = await reader.link.answer(fetch(reader.topic))
        assert b"synthetic" in answer["topics"][0]["partitions"][0]["message_set"]


async def test_doors_are_open_to_what_is_well_formed(city: Settings) -> None:
    assert [door.judge(door.filled(door.plain).encode()) for door in doors(city)] == ["", "", ""]
    assert await inputs.oversize(city, 1000) == ""
    assert await names.kept(city, PLANTED_NAME) == names.Kept(PLANTED_NAME, PLANTED_NAME, PLANTED_NAME)


async def test_the_owner_of_dead_letters_may_read_them(city: Settings) -> None:
    async with databases.Place(city, next(databases.named(city, HUB)), HUB).opened() as connection:
        assert not (await databases.done(connection, "SELECT sealed_key, sealed_value FROM parked")).refused


async def test_databases_are_open_to_their_own(city: Settings) -> None:
    own = databases.Place(city, next(databases.named(city, rights.intruder(city))), rights.intruder(city))
    assert not (await databases.entered(own)).refused
    numbers = NUMBERS_DATABASE.name(city.environment, city.municipalities[0])
    async with databases.Place(city, numbers, databases.JOIN).opened() as connection:
        assert not (await databases.done(connection, "SELECT reference, sealed FROM number_version")).refused


async def test_a_view_that_lends_rights_would_be_found(city: Settings) -> None:
    async with _plain_view(city) as connection:
        assert not (await databases.through_view(connection, "lending")).refused


async def test_a_reader_whom_nobody_cuts_off_is_told(city: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation, "withdraw_expired", lambda *_: ())
    monkeypatch.setattr(revocation, "DEADLINE_SECONDS", 1.0)
    (case,) = selected(27)
    assert not (await judged(city, case)).refused


@pytest.mark.parametrize(
    ("number", "place", "name", "hole"),
    [
        (55, Sessions, "_left", lambda *_: 60.0), (56, Session, "brings", lambda *_: True),
        (60, sessions, "wait_seconds", lambda *_: 0.0), (65, headers, "HEADERS", {"cache-control": "no-store"}),
    ],
)  # fmt: skip
async def test_pages_without_a_guard_would_be_found(
    city: Settings, monkeypatch: pytest.MonkeyPatch, number: int, place: object, name: str, hole: object
) -> None:
    monkeypatch.setattr(place, name, hole)
    (case,) = selected(number)
    assert not (await judged(city, case)).refused


async def test_a_refusal_that_repeats_what_was_planted_is_none(city: Settings) -> None:
    async def attempt(_: Settings) -> Attempt:
        return Attempt(refused=True, cause=f"{PLANTED_NAME} may not")

    assert not (await judged(city, Case(0, "told", Evidence.FINDING, attempt))).refused


async def test_an_attempt_that_itself_fails_is_no_refusal(city: Settings) -> None:
    async def attempt(_: Settings) -> Attempt:
        raise OSError

    assert not (await judged(city, Case(0, "fails", Evidence.FINDING, attempt))).refused


async def test_a_case_that_cannot_be_tried_is_not_counted(city: Settings) -> None:
    async def attempt(_: Settings) -> Attempt:
        raise NotTriableError("no key")

    drill = await run_drill(city, [Case(0, "untried", Evidence.FINDING, attempt)])
    assert not drill.good
    assert drill.to_json()["tried"] == 0
    assert drill.to_json()["untried"] == [{"case": 0, "title": "untried", "why": "no key"}]


def test_nothing_tried_is_nothing_refused() -> None:
    assert not all_refused().refused


def test_the_drill_ends_with_0_and_with_1_when_something_is_not_refused(city: Settings) -> None:
    runner = CliRunner(env=environment_of(city.model_dump()))
    shown = runner.invoke(app, ["drill", "abuse"])
    assert (shown.exit_code, f"{len(CASES)} of {len(CASES)} refused" in shown.output) == (0, True)
    (kept,) = last_exercises(city)
    assert (kept.name, kept.good, kept.figures) == ("abuse", True, {"tried": len(CASES), "refused": len(CASES)})
    hole = Acl(rights.intruder(city), "READ", "TOPIC", rights.out_of(city, rights.victim(city)))
    broker(city).allow([hole])
    result = runner.invoke(app, ["drill", "abuse", "--json"])
    broker(city).withdraw([hole])
    drill = json.loads(result.stdout)
    assert (result.exit_code, drill["tried"], drill["refused"]) == (1, len(NUMBERS), len(NUMBERS) - 2)
    assert [case["case"] for case in drill["cases"] if not case["refused"]] == [1, 2]
    assert set(drill["cases"][0]) == {"case", "title", "refused", "cause"}


async def test_of_the_visits_nothing_remains(city: Settings) -> None:
    async with as_administrator(city) as connection:
        for table in ("account", "session", "failed_login"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_expired_certificates_lose_their_rights_by_command(settings: Settings, tmp_path: Path) -> None:
    await prepare(settings)
    directory = tmp_path / "certificates"
    shutil.copytree(settings.certificates_directory, directory)
    runner = CliRunner(env=environment_of(settings.model_dump() | {"certificates_directory": directory}))
    command = ["certificates", "--withdraw-expired"]
    unchanged = await asyncio.to_thread(runner.invoke, app, command)
    assert (unchanged.exit_code, drift_now(settings)) == (0, [])
    issue(directory, authority_in(directory), "welfare", lifetime=timedelta(minutes=-1))
    done = await asyncio.to_thread(runner.invoke, app, command)
    assert (done.exit_code, "3 rights withdrawn" in done.output) == (0, True)
    assert {(one.kind, one.sentence.split()[0]) for one in drift_now(settings)} == {("right-missing", "welfare")}
    async with linked(settings, "welfare") as link:
        assert await link.ask(produce(in_topic(settings.environment, "welfare"), b"synthetic", rights.lane(settings)))


@asynccontextmanager
async def _plain_view(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A view without `security_invoker` over what its reader may not read, in a transaction that is rolled back."""
    name = next(databases.named(settings, rights.intruder(settings)))
    connection = await connect(settings, name, role=ADMIN, principal=ADMIN)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("CREATE VIEW lending AS SELECT subject FROM person")
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()
