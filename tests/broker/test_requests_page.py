"""The review of grants on its page: by a second person, of exactly what was seen, through the command's own code."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import yaml
from typer.testing import CliRunner

from hub.commandline.grants.decision import decide_as_seen
from hub.commandline.main import app
from hub.commandline.pages import approved
from hub.pages.accounts import SQL
from hub.pages.application import application
from hub.pages.deciding import decide_once
from hub.pages.desk import Change
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings, environment_of
from tests.broker.door import Door, word_of
from topics.catalogue import DESK
from topics.declared import SHIPPED, declared_by_recipient, requested_grants
from topics.grant import Grant, Halt
from topics.trail import end, fingerprint

OFFICE = "office-2"
WIDER = {"delivery_fields": ["reason"]}
CHANGE = Change(365, (12, 0), (34, 5), 6, 7, ("delivery fields reason",))
REASON = {"purpose": "yearly review", "case": "R-3"}


@pytest.fixture
async def asked(door: Door, tmp_path: Path) -> AsyncIterator[Door]:
    """The pages over grants of their own, of which welfare's is asked to be wider; a replay comes to `CHANGE`."""
    grants = tmp_path / "grants"
    shutil.copytree(SHIPPED, grants, ignore=shutil.ignore_patterns("__*", "requested"))

    async def replay(_settings: Settings, grant: Grant) -> Change:
        assert grant.delivery_fields == ("reason",)
        return CHANGE

    settings = door.settings.model_copy(update={"grants_directory": grants})
    desk = replace(door.desk, settings=settings, preview=replay)
    await asyncio.to_thread(_request, settings, OFFICE)
    administrator = await door.administrator()
    await administrator.execute("TRUNCATE grant_decision")
    await administrator.close()
    yield Door(settings, desk, application(desk))


def _request(settings: Settings, requester: str, **changes: Any) -> None:
    """Hand a request in, by the command."""
    place = settings.grants_directory or SHIPPED
    letter, proposal = place.parent / "letter.txt", place.parent / "proposal.yaml"
    letter.write_text("synthetic request letter", encoding="utf-8")
    welfare = yaml.safe_load((place / "welfare.yaml").read_text(encoding="utf-8"))
    proposal.write_text(yaml.safe_dump({**welfare, **WIDER, **changes}, allow_unicode=True), encoding="utf-8")
    shell = CliRunner(env=environment_of(settings.model_dump()))
    step = ["grants", "request", str(proposal), "--letter", str(letter), "--requester", requester]
    result = shell.invoke(app, step)
    assert result.exit_code == 0, result.output


def _waiting(door: Door) -> str:
    (request,) = requested_grants(door.settings.grants_directory)
    return fingerprint(request)


async def _decided(client: httpx.AsyncClient, door: Door, decision: str = "approved", **told: str) -> httpx.Response:
    form = {"csrf": await word_of(client), "request": _waiting(door), "decision": decision, **told}
    return await client.post("/requests/decide", data=form)


def _welfare(door: Door) -> Grant:
    return declared_by_recipient(door.settings.grants_directory)["welfare"]


async def test_a_second_person_approves_what_was_seen(asked: Door) -> None:
    reviewer, before = await asked.logged_in("reviewer-1"), _welfare(asked)
    shown = (await reviewer.get("/requests")).text
    assert all(told in shown for told in ("welfare", OFFICE, "delivery fields reason"))
    answer = await _decided(reviewer, asked, reviewer="auditor-1", by="auditor-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/requests?asked")
    assert _welfare(asked) == before
    assert "PAGES-DECIDED" in (await _decided(reviewer, asked, "refused")).text
    await decide_once(asked.settings, decide_as_seen)
    review = _welfare(asked).review
    assert review is not None
    assert (review.reviewer, review.decision, _welfare(asked).delivery_fields) == (
        "reviewer-1",
        "approved",
        ("reason",),
    )
    after = (await reviewer.get("/requests")).text
    assert all(told in after for told in ("審査待ちの申請はありません", "反映済み", "reviewer-1", "kairan prepare"))


async def test_a_refusal_leaves_the_grant_as_it_is(asked: Door) -> None:
    before = _welfare(asked)
    await _decided(await asked.logged_in("reviewer-1"), asked, "refused")
    await decide_once(asked.settings, decide_as_seen)
    assert _welfare(asked) == before
    (request,) = requested_grants(asked.settings.grants_directory)
    assert request.review is not None
    assert (request.review.reviewer, request.review.decision) == ("reviewer-1", "refused")


async def test_nobody_decides_on_a_request_of_their_own(asked: Door) -> None:
    await asyncio.to_thread(_request, asked.settings, "reviewer-1")
    client = await asked.logged_in("reviewer-1")
    answer = await _decided(client, asked, reviewer="reviewer-2", requester=OFFICE)
    assert (answer.status_code, "GRANT-OWN-REVIEW" in answer.text) == (400, True)
    assert " disabled>welfare" in (await client.get("/requests")).text
    own = (uuid4(), "welfare", _waiting(asked), "reviewer-1", "reviewer-1", "approved")
    desk = await connect(asked.settings, asked.name, role=DESK, principal=DESK)
    with pytest.raises(asyncpg.CheckViolationError):
        await desk.execute(SQL["ask_decision"], *own)
    await desk.execute(SQL["ask_decision"], *own[:3], "somebody-else", *own[4:])
    await desk.close()
    await decide_once(asked.settings, decide_as_seen)
    assert "不成立" in (await client.get("/requests")).text
    assert _welfare(asked).delivery_fields == ()


async def test_a_request_that_was_handed_in_anew_is_not_decided_by_what_was_seen_before(asked: Door) -> None:
    client, seen = await asked.logged_in("reviewer-1"), _waiting(asked)
    await _decided(client, asked)
    await asyncio.to_thread(_request, asked.settings, OFFICE, population="all")
    await decide_once(asked.settings, decide_as_seen)
    assert "KRN-GRANT-CHANGED" in (await client.get("/requests")).text
    assert _welfare(asked).delivery_fields == ()
    assert "PAGES-REQUEST" in (await _decided(client, asked, request=seen)).text


async def test_ended_in_between_it_is_ended_the_next_time(asked: Door) -> None:
    file = asked.settings.grants_directory / "requested/welfare.yaml" if asked.settings.grants_directory else None
    assert file is not None
    await _decided(await asked.logged_in("reviewer-1"), asked)
    request = file.read_text(encoding="utf-8")
    await decide_once(asked.settings, decide_as_seen)
    file.write_text(request, encoding="utf-8")
    administrator = await asked.administrator()
    await administrator.execute("UPDATE grant_decision SET done_at = NULL")
    await decide_once(asked.settings, decide_as_seen)
    (row,) = await administrator.fetch(SQL["decisions"])
    await administrator.close()
    assert (row["failure"], row["done_at"] is None, file.exists()) == ("", False, False)


@pytest.mark.parametrize("name", ["viewer-1", "operator-1", "auditor-1"])
async def test_a_reviewer_alone_decides(asked: Door, name: str) -> None:
    client = await asked.logged_in(name)
    assert "/requests/decide" not in (await client.get("/requests")).text
    answer = await _decided(client, asked)
    assert (answer.status_code, "PAGES-ROLE" in answer.text) == (403, True)


async def test_a_decision_by_whoever_is_no_reviewer_any_more_is_not_carried_out(asked: Door) -> None:
    await _decided(await asked.logged_in("reviewer-1"), asked)
    administrator = await asked.administrator()
    await administrator.execute("UPDATE account SET role = 'viewer' WHERE name = 'reviewer-1'")
    await decide_once(asked.settings, decide_as_seen)
    await administrator.execute("UPDATE account SET role = 'reviewer' WHERE name = 'reviewer-1'")
    await administrator.close()
    assert _welfare(asked).delivery_fields == ()


async def test_what_a_request_would_change_is_told_and_logged(asked: Door) -> None:
    client = await asked.logged_in("reviewer-1")
    told = {"csrf": await word_of(client), "request": _waiting(asked)}
    assert "KRN-LOOKUP" in (await client.post("/requests/preview", data=told)).text
    shown = await client.post("/requests/preview", data={**told, **REASON})
    assert all(figure in shown.text for figure in ("+12 −0", "+34 −5", "6 / 7", "delivery fields reason"))
    viewer = await asked.logged_in("viewer-1")
    refused = await viewer.post("/requests/preview", data={**told, **REASON, "csrf": await word_of(viewer)})
    assert (refused.status_code, "PAGES-ROLE" in refused.text) == (403, True)


@pytest.mark.parametrize("told", [{"decision": "fine"}, {"request": "0" * 64}, {"request": "<script>alert(1)"}])
async def test_what_was_not_offered_is_not_decided(asked: Door, told: dict[str, str]) -> None:
    answer = await _decided(await asked.logged_in("reviewer-1"), asked, **told)
    assert (answer.status_code, "PAGES-" in answer.text, "<script>alert(1)" in answer.text) == (400, True, False)


def test_against_a_grant_that_was_halted_everything_is_new() -> None:
    welfare = declared_by_recipient()["welfare"]
    assert approved(welfare) is not None
    halt = Halt.model_validate({"by": "officer-2", "since": "2026-11-02", "reason": "synthetic"})
    assert approved(end(welfare, halt)) is None
