"""The access review on its page: masked until somebody answers for it, never for the operator whom it concerns."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

import asyncpg
import httpx
import pytest

from hub.databases import ANALYSIS_DATABASE
from hub.watch.access.outcomes import NoteCode, Outcome
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from tests.broker.door import Door, word_of
from tests.unit.watch.surveys import CITY
from topics.catalogue import ADMIN

ALERT, OWN, OTHER = "00f1e2d3c4b5a697", "11f1e2d3c4b5a697", "22f1e2d3c4b5a697"
SUBJECT = "5f0c2d9a7e41b83c"
LOOK_UP = UUID(int=7)
ALERTS = ((ALERT, "R5", "counter-7"), (OWN, "R1", "reviewer-1"), (OTHER, "R9", "123456789018"))
INSERT = """INSERT INTO alert (alert_id, rule, operator, first_day, last_day, subject, evidence, figures)
    VALUES ($1, $2, $3, $4, $4, $5, $6, $7)"""
REASON = {"purpose": "monthly review", "case": "A-17"}


@asynccontextmanager
async def _analysis(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    name = ANALYSIS_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role=ADMIN, principal=ADMIN)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture(autouse=True)
async def _alerts(door: Door) -> None:
    """Three alerts wait; one is about an account of the pages, one about an account like a person's number."""
    async with _analysis(door.settings) as connection:
        await connection.execute("TRUNCATE alert, review, alert_view, failed_entry")
        figures = json.dumps({"expected": 2.5})
        for alert, rule, operator in ALERTS:
            day = date(2026, 11, 2)
            await connection.execute(INSERT, alert, rule, operator, day, SUBJECT, [LOOK_UP], figures)


async def _open(client: httpx.AsyncClient, alert: str, **told: str) -> httpx.Response:
    return await client.post("/review/open", data={"csrf": await word_of(client), "alert": alert, **REASON, **told})


async def test_the_list_shows_neither_operators_nor_residents(door: Door) -> None:
    shown = (await (await door.logged_in("auditor-1")).get("/review")).text
    assert all(told in shown for told in (ALERT, OTHER, "案件なしに同僚を照会", "expected 2.5", "未点検"))
    assert not [hidden for hidden in ("counter-7", "123456789018", SUBJECT[:8], str(LOOK_UP)) if hidden in shown]


async def test_whoever_opens_an_alert_is_in_the_access_log_and_with_the_alert(door: Door) -> None:
    answer = await _open(await door.logged_in("auditor-1"), ALERT)
    assert (answer.status_code, all(told in answer.text for told in ("counter-7", "5f0c2d9a…", str(LOOK_UP)))) == (
        200,
        True,
    )
    assert SUBJECT not in answer.text
    async with _analysis(door.settings) as connection:
        assert [tuple(row) for row in await connection.fetch("SELECT alert_id, viewer FROM alert_view")] == [
            (ALERT, "auditor-1")
        ]
    assert await _last_row(door) == ("alert", "auditor-1", "monthly review", "A-17")


async def test_without_purpose_and_case_nothing_is_shown_or_kept(door: Door) -> None:
    client = await door.logged_in("auditor-1")
    for told in ({"purpose": ""}, {"case": ""}, {"case": "<b>"}, {"purpose": "1234"}):
        answer = await _open(client, ALERT, **told)
        assert (answer.status_code, "KRN-LOOKUP" in answer.text, "counter-7" in answer.text) == (400, True, False)
    async with _analysis(door.settings) as connection:
        assert await connection.fetchval("SELECT count(*) FROM alert_view") == 0


async def test_an_alert_is_not_for_the_operator_whom_it_concerns(door: Door) -> None:
    client = await door.logged_in("reviewer-1")
    entered = {"csrf": await word_of(client), "alert": OWN, "outcome": "justified", "note": "case-found"}
    for answer in (await _open(client, OWN), await client.post("/review/enter", data=entered)):
        assert (answer.status_code, "KRN-REVIEW-OWN" in answer.text) == (400, True)
    async with _analysis(door.settings) as connection:
        assert await connection.fetchval("SELECT count(*) FROM review") == 0


async def test_an_account_like_a_number_is_not_shown(door: Door) -> None:
    answer = await _open(await door.logged_in("auditor-1"), OTHER)
    assert (answer.status_code, "123456789018" in answer.text, "個人の番号と紛らわしい" in answer.text) == (
        200,
        False,
        True,
    )


async def test_an_outcome_is_entered_by_the_person_who_is_logged_in(door: Door) -> None:
    client = await door.logged_in("reviewer-1")
    told = {"csrf": await word_of(client), "alert": ALERT, "outcome": Outcome.MISUSE, "note": NoteCode.CURIOSITY}
    answer = await client.post("/review/enter", data={**told, "reviewer": "auditor-1", "by": "auditor-1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/review?entered")
    async with _analysis(door.settings) as connection:
        kept = await connection.fetch("SELECT alert_id, outcome, reviewer, note_code FROM review")
    assert [tuple(row) for row in kept] == [(ALERT, "misuse", "reviewer-1", "curiosity")]
    waiting, every = (await client.get("/review")).text, (await client.get("/review?all")).text
    assert (ALERT in waiting, ALERT in every, "不正利用" in every) == (False, True, True)


@pytest.mark.parametrize("name", ["viewer-1", "operator-1"])
async def test_the_review_is_for_reviewers_and_auditors(door: Door, name: str) -> None:
    client = await door.logged_in(name)
    assert 'href="/review"' not in (await client.get("/way")).text
    assert (await client.get("/review")).status_code == (await _open(client, ALERT)).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("alert", "", "PAGES-CHOICE"), ("alert", "<script>alert(1)", "PAGES-CHOICE"),
        ("outcome", "fine", "PAGES-CHOICE"), ("note", "<b>", "PAGES-CHOICE"), ("alert", "0" * 16, "KRN-REVIEW-ALERT"),
    ],
)  # fmt: skip
async def test_what_is_not_on_the_list_cannot_be_entered(door: Door, field: str, value: str, code: str) -> None:
    client = await door.logged_in("auditor-1")
    told = {"csrf": await word_of(client), "alert": ALERT, "outcome": "unclear", "note": "busy-day", field: value}
    answer = await client.post("/review/enter", data=told)
    assert (answer.status_code, code in answer.text, "<script>alert(1)" in answer.text) == (400, True, False)


async def test_entries_that_could_not_be_taken_in_are_told(door: Door) -> None:
    async with _analysis(door.settings) as connection:
        await connection.execute("INSERT INTO failed_entry VALUES ('access.log.v1', 0, 3, 'ENV-SEAL')")
    assert "アクセスログ 1 件を取り込めませんでした" in (await (await door.logged_in("auditor-1")).get("/review")).text


async def _last_row(door: Door) -> tuple[object, ...]:
    administrator = await door.administrator()
    row = await administrator.fetchrow(
        "SELECT question, operator, purpose, case_number FROM access_log ORDER BY asked_at DESC LIMIT 1"
    )
    await administrator.close()
    assert row is not None
    return tuple(row)
