"""The pages' doors: who gets in, with what, for how long; and what everybody else is told. On the real database."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from hub.commandline.main import app
from hub.pages.accounts import Role, add_account, disable_account, set_password
from hub.pages.application import COOKIE, application
from hub.pages.databases import DESK_DATABASE
from hub.pages.deciding import Decision
from hub.pages.headers import POLICY
from hub.pages.repairing import Repairs, repair_once
from hub.pages.views import pages
from infra.runtime.exercises import Exercise, keep_exercise
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from tests.broker.door import PASSWORD, Door, word_of
from tests.unit.watch.surveys import CITY
from topics.catalogue import ADMIN, DESK
from topics.check_digits import my_number_digit
from topics.declared import SHIPPED

MY_NUMBER = "12345678901" + my_number_digit("12345678901")


async def test_every_answer_has_the_headers(door: Door) -> None:
    client = await door.logged_in("viewer-1")
    for path in ("/login", "/way", "/way/live", "/static/pages.css", "/nowhere", "/recipients"):
        answer = await client.get(path)
        assert answer.headers["content-security-policy"] == POLICY
        assert "unsafe" not in POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
        assert "server" not in answer.headers


async def test_the_cookie_is_for_this_site_alone(door: Door) -> None:
    answer = await door.client().post("/login", data={"name": "viewer-1", "password": PASSWORD})
    told = answer.headers["set-cookie"]
    assert told.startswith(COOKIE + "=")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= set(told.split("; "))


async def test_nobody_sees_a_page_without_logging_in(door: Door) -> None:
    client = door.client()
    client.cookies.set(COOKIE, "x" * 43, domain="desk.test")
    for page in pages():
        answer = await client.get(page.path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?ended")
    assert (await client.get("/way/live")).status_code == 401


async def test_a_wrong_password_and_an_unknown_account_are_told_alike(door: Door) -> None:
    told = [
        await door.client().post("/login", data={"name": name, "password": "wrong password it is"})
        for name in ("viewer-1", "nobody-1")
    ]
    assert [answer.status_code for answer in told] == [401, 401]
    assert told[0].text == told[1].text
    assert "利用者IDまたはパスワードが違います" in told[0].text


async def test_whoever_tries_often_waits_even_with_the_right_password(door: Door) -> None:
    client = door.client()
    for _ in range(6):
        await client.post("/login", data={"name": "viewer-1", "password": "wrong password it is"})
    refused = await client.post("/login", data={"name": "viewer-1", "password": PASSWORD})
    assert refused.status_code == 429
    assert re.search(r"[0-9]+ 秒後に再度お試しください", refused.text)
    others = await client.post("/login", data={"name": "auditor-1", "password": PASSWORD})
    assert (others.status_code, others.headers["location"]) == (303, "/")
    assert (await client.get("/way")).status_code == 200


@pytest.mark.parametrize("forgery", ["none", "another's", "elsewhere"])
async def test_a_forged_form_is_refused(door: Door, forgery: str) -> None:
    client, other = await door.logged_in("reviewer-1"), await door.logged_in("auditor-1")
    word = {"none": "", "another's": await word_of(other), "elsewhere": await word_of(client)}[forgery]
    origin = {"origin": "https://evil.test"} if forgery == "elsewhere" else {}
    for form in ("/grants/preview", "/parked/retry"):
        assert (await client.post(form, data={"csrf": word, "recipient": "welfare"}, headers=origin)).status_code == 403
    assert (await client.post("/logout", data={"csrf": ""})).status_code == 403
    assert (await client.get("/way")).status_code == 200


@pytest.mark.parametrize("name", ["viewer-1", "operator-1", "reviewer-1"])
async def test_the_ledger_answers_the_auditor_alone(door: Door, name: str) -> None:
    client = await door.logged_in(name)
    assert 'name="resident"' not in (await client.get("/ledger")).text
    for form in ("who", "proof"):
        told = {"csrf": await word_of(client), "resident": "0000000019", "purpose": "asked", "case": "A-1"}
        answer = await client.post(f"/ledger/{form}", data=told)
        assert (answer.status_code, "PAGES-ROLE" in answer.text) == (403, True)


@pytest.mark.parametrize("name", ["viewer-1", "operator-1"])
async def test_who_may_not_replay_the_register(door: Door, name: str) -> None:
    client = await door.logged_in(name)
    told = {"csrf": await word_of(client), "recipient": "welfare", "purpose": "asked", "case": "A-1"}
    answer = await client.post("/grants/preview", data=told)
    assert (answer.status_code, "PAGES-ROLE" in answer.text) == (403, True)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("resident", MY_NUMBER, "KRN-LEDGER-RESIDENT"), ("resident", "<script>", "KRN-LEDGER-RESIDENT"),
        ("item", "99", "KRN-LEDGER-ITEM"), ("item", "²", "KRN-LEDGER-ITEM"), ("case", MY_NUMBER, "KRN-LOOKUP"),
        ("purpose", MY_NUMBER, "KRN-LEDGER-PURPOSE"), ("purpose", "", "KRN-LEDGER-PURPOSE"), ("case", "", "KRN-LOOKUP"),
        ("municipality", "999999", "KRN-MUNICIPALITY"),
    ],
)  # fmt: skip
async def test_a_question_that_will_not_do_is_refused_by_its_field(
    door: Door, field: str, value: str, code: str
) -> None:
    client = await door.logged_in("auditor-1")
    told = {"csrf": await word_of(client), "resident": "0000000019", "purpose": "asked", "case": "A-1", field: value}
    answer = await client.post("/ledger/who", data=told)
    assert (answer.status_code, code in answer.text) == (400, True)
    assert value == "" or value not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(("column", "seconds"), [("seen_at", 901), ("opened_at", 28_801)])
async def test_a_session_ends_by_idling_and_in_any_case(door: Door, column: str, seconds: int) -> None:
    client = await door.logged_in("viewer-1")
    assert (await client.get("/way")).status_code == 200
    administrator = await door.administrator()
    await administrator.execute(f"UPDATE session SET {column} = now() - make_interval(secs => {seconds})")
    assert (await client.get("/way")).status_code == 303
    assert await administrator.fetchval("SELECT count(*) FROM session") == 0
    await administrator.close()


async def test_a_page_that_renews_itself_is_no_action_of_a_person(door: Door) -> None:
    client = await door.logged_in("viewer-1")
    administrator = await door.administrator()
    await administrator.execute("UPDATE session SET seen_at = now() - make_interval(secs => 600)")
    before = await administrator.fetchval("SELECT seen_at FROM session")
    assert (await client.get("/way/live")).status_code == 200
    assert await administrator.fetchval("SELECT seen_at FROM session") == before
    assert (await client.get("/recipients")).status_code == 200
    assert await administrator.fetchval("SELECT seen_at FROM session") > before
    await administrator.close()


async def test_an_account_that_is_disabled_or_has_another_password_is_logged_out(door: Door) -> None:
    client = await door.logged_in("operator-1")
    assert (await client.get("/way")).status_code == 200
    await disable_account(door.settings, "operator-1")
    assert (await client.get("/way")).status_code == 303
    assert (await client.post("/login", data={"name": "operator-1", "password": PASSWORD})).status_code == 401
    client = await door.logged_in("operator-1")
    await set_password(door.settings, "operator-1", PASSWORD)
    assert (await client.get("/way")).status_code == 303


async def test_logging_out_ends_the_session_everywhere(door: Door) -> None:
    client = await door.logged_in("viewer-1")
    kept = client.cookies[COOKIE]
    assert (await client.post("/logout", data={"csrf": await word_of(client)})).headers["location"] == "/login"
    again = door.client()
    again.cookies.set(COOKIE, kept, domain="desk.test")
    assert (await again.get("/way")).status_code == 303


async def test_hostile_names_are_shown_as_text(door: Door, tmp_path: Path) -> None:
    text = (SHIPPED / "welfare.yaml").read_text(encoding="utf-8")
    hostile = re.sub("title: .*", "title: '<script>alert(1)</script>'", text)
    (tmp_path / "welfare.yaml").write_text(hostile, encoding="utf-8")
    desk = replace(door.desk, settings=door.settings.model_copy(update={"grants_directory": tmp_path}))
    shown = await (await Door(door.settings, desk, application(desk)).logged_in("viewer-1")).get("/grants")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown.text
    assert "<script>alert" not in shown.text


async def test_while_the_database_is_down_the_last_state_is_shown_and_nobody_new_gets_in(door: Door) -> None:
    client = await door.logged_in("viewer-1")
    assert (await client.get("/way")).status_code == (await client.get("/parked")).status_code == 200
    async with _down(door):
        shown = await client.get("/way")
        assert (shown.status_code, "サーバーが応答しません(KRN-DATABASE)" in shown.text) == (200, True)
        assert (await client.get("/way/live")).json()["notice"]["failed"] is True
        drift, parked = await client.get("/drift"), await client.get("/parked")
        assert (parked.status_code, bool(re.search("データベースが応答しません。表示は.*前", parked.text))) == (
            200,
            True,
        )
        refused = await door.client().post("/login", data={"name": "viewer-1", "password": PASSWORD})
        for answer in (drift, refused):
            assert answer.status_code == 503
            assert "データベースが応答しません" in answer.text or "KRN-DATABASE" in answer.text
    assert (await client.get("/drift")).status_code == 200


@asynccontextmanager
async def _down(door: Door) -> AsyncIterator[None]:
    """The pages' database lets nobody in, and has put everybody out."""
    server = await connect(door.settings, "postgres", role=ADMIN, principal=ADMIN)
    door.desk.latest.failure = "KRN-DATABASE"
    try:
        await server.execute(f'ALTER DATABASE "{door.name}" WITH ALLOW_CONNECTIONS false')
        await server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", door.name)
        yield
    finally:
        await server.execute(f'ALTER DATABASE "{door.name}" WITH ALLOW_CONNECTIONS true')
        await server.close()


async def test_before_anything_was_seen_the_page_says_so(door: Door) -> None:
    door.desk.latest.survey, door.desk.latest.failure = None, "list topics: _TRANSPORT"
    client = await door.logged_in("viewer-1")
    for path in ("/way", "/recipients"):
        answer = await client.get(path)
        assert (answer.status_code, "まだ状態を取得できていません" in answer.text) == (503, True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/way", 405), ("GET", "/static/../pages.py", 404), ("GET", "/logout", 405)],
)
async def test_what_cannot_be_asked_gets_a_clear_page(door: Door, method: str, path: str, status: int) -> None:
    answer = await (await door.logged_in("viewer-1")).request(method, path)
    assert (answer.status_code, "<h1" in answer.text) == (status, True)


async def test_large_or_strange_forms_are_refused(door: Door) -> None:
    client = door.client()
    large = await client.post("/login", data={"name": "viewer-1", "password": "x" * 20_000})
    strange = await client.post("/login", json={"name": "viewer-1", "password": PASSWORD})
    assert (large.status_code, strange.status_code) == (413, 415)


@pytest.mark.parametrize(
    ("back", "to"), [("/grants", "/grants"), ("https://evil.test/", "/"), ("//evil.test", "/"), ("/\r\nx: y", "/")]
)
async def test_changing_the_language_leads_nowhere_else(door: Door, back: str, to: str) -> None:
    answer = await door.client().get("/language/en", params={"back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, to)


async def test_the_pages_make_nobody_an_account(door: Door) -> None:
    desk = await connect(door.settings, door.name, role=DESK, principal=DESK)
    for forbidden in (
        "INSERT INTO account VALUES ('x-1', 'auditor', '$argon2id$')",
        "UPDATE account SET role = 'auditor'",
        "DELETE FROM access_log",
        "SELECT subjects FROM access_log",
        "UPDATE drift_check SET departures = '[]'",
        "UPDATE parked_seen SET records = '[]'",
        "UPDATE parked_retry SET operator = 'operator-1'",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.execute(forbidden)
    await desk.close()


@pytest.mark.parametrize("password", ["short", "viewer-9viewer-9", "aaaaaaaaaaaaaaaa", "x" * 129])
async def test_a_weak_password_is_refused(settings: Settings, password: str) -> None:
    with pytest.raises(Refusal, match="KRN-PASSWORD"):
        await add_account(settings, "viewer-9", Role.VIEWER, password)


def test_accounts_by_the_command(settings: Settings, tmp_path: Path) -> None:
    shell = CliRunner(env=environment_of(settings.model_dump(exclude={"state_directory"})))
    asyncio.run(prepare_databases(settings, (DESK_DATABASE,)))
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    file.chmod(0o644)
    add = ["accounts", "add", "trainee-2", "--role", "viewer", "--password-file", str(file)]
    assert "KRN-FILE" in shell.invoke(app, add).output
    file.chmod(0o600)
    assert shell.invoke(app, add).exit_code == 0
    assert "KRN-ACCOUNT" in shell.invoke(app, add).output
    typed = shell.invoke(app, ["accounts", "password", "trainee-2"], input=f"{PASSWORD}!\n{PASSWORD}!\n")
    assert typed.exit_code == 0
    assert PASSWORD not in typed.output
    assert shell.invoke(app, ["accounts", "disable", "trainee-2"]).exit_code == 0
    assert '"enabled": false' in shell.invoke(app, ["accounts", "list", "--json"]).output
    assert "KRN-ACCOUNT" in shell.invoke(app, ["accounts", "disable", "nobody-1"]).output


PARKED = {"offset": 17, "code": "KIT-NOT-STORABLE", "failure": "poison", "since": "2026-11-02T09:00:00+00:00",
          "behind": 3, "residents": 2, "number": 41, "subject": "<b>5f0c2d9a7e41"}  # fmt: skip


async def _no_decision(_settings: Settings, _asked: Decision) -> None:
    raise AssertionError("nobody has decided anything")


async def _parks(settings: Settings, *found: dict[str, object], tried: list[object] | None = None) -> None:
    """The process that looks, once: welfare has parked these, others nothing; what was retried goes to `tried`."""

    async def look(_settings: Settings, recipient: str, _municipality: str) -> list[dict[str, object]]:
        if recipient == "jlis":
            raise Refusal("KRN-DATABASE", "the recipient's database does not answer")
        return list(found) if recipient == "welfare" else []

    async def retry(_settings: Settings, *asked: object) -> dict[str, object]:
        assert tried is not None
        tried.append(asked)
        return {"applied": 4, "held": 0, "parked": {}, "given_up": 0}

    await repair_once(settings, Repairs(look, retry, _no_decision))


async def test_what_is_parked_is_shown_and_an_operator_has_it_tried_again(door: Door) -> None:
    await _parks(door.settings, PARKED)
    client, tried = await door.logged_in("operator-1"), list[object]()
    shown = await client.get("/parked")
    assert "&lt;b&gt;5f0c2…" in shown.text
    assert all(hidden not in shown.text for hidden in ("<b>5f", "2d9a7e41"))
    assert all(told in shown.text for told in ("KIT-NOT-STORABLE", "2026-11-02 18:00:00", "以後応答なし"))
    asked = {"csrf": await word_of(client), "parked": f"welfare {CITY} 17"}
    answer = await client.post("/parked/retry", data=asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/parked?asked")
    await _parks(door.settings, tried=tried)
    assert tried == [("welfare", CITY, [17])]
    after = (await client.get("/parked")).text
    assert all(told in after for told in ("適用 4 件", "operator-1", "退避中の配信はありません"))
    assert "KIT-PARKED-NONE" in (await client.post("/parked/retry", data=asked)).text


@pytest.mark.parametrize("name", ["viewer-1", "reviewer-1", "auditor-1"])
async def test_an_operator_alone_has_parked_records_tried_again(door: Door, name: str) -> None:
    await _parks(door.settings, PARKED)
    client = await door.logged_in(name)
    assert "/parked/retry" not in (await client.get("/parked")).text
    told = {"csrf": await word_of(client), "parked": f"welfare {CITY} 17"}
    answer = await client.post("/parked/retry", data=told)
    assert (answer.status_code, "PAGES-ROLE" in answer.text) == (403, True)
    await _parks(door.settings)


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ("", "PAGES-CHOICE"), ("welfare", "PAGES-CHOICE"), (f"welfare {CITY} ²", "PAGES-CHOICE"),
        (f"welfare {CITY} {2**63}", "PAGES-CHOICE"), (f"welfare {CITY} 17 18", "PAGES-CHOICE"),
        (f"welfare {CITY} 18", "KIT-PARKED-NONE"), (f"prefecture {CITY} all", "KIT-PARKED-NONE"),
        ("<script> x all", "KIT-PARKED-NONE"),
    ],
)  # fmt: skip
async def test_what_is_not_on_the_list_is_not_tried_again(door: Door, chosen: str, code: str) -> None:
    await _parks(door.settings, PARKED)
    client = await door.logged_in("operator-1")
    answer = await client.post("/parked/retry", data={"csrf": await word_of(client), "parked": chosen})
    assert (answer.status_code, code in answer.text, "<script> x" in answer.text) == (400, True, False)


async def test_a_retry_by_whoever_is_no_operator_any_more_is_not_done(door: Door) -> None:
    await _parks(door.settings, PARKED)
    client, administrator = await door.logged_in("operator-1"), await door.administrator()
    await client.post("/parked/retry", data={"csrf": await word_of(client), "parked": f"welfare {CITY} all"})
    await administrator.execute("UPDATE account SET role = 'viewer' WHERE name = 'operator-1'")
    await _parks(door.settings, PARKED)
    await administrator.execute("UPDATE account SET role = 'operator' WHERE name = 'operator-1'")
    tried = list[object]()
    await _parks(door.settings, PARKED, tried=tried)
    await administrator.close()
    assert tried == [("welfare", CITY, [])]


async def test_drills_and_backups_with_their_last_result_and_its_age(door: Door, tmp_path: Path) -> None:
    settings = door.settings.model_copy(update={"state_directory": tmp_path})
    served = application(replace(door.desk, settings=settings))
    client = await Door(settings, door.desk, served).logged_in("viewer-1")
    assert (await client.get("/exercises")).text.count("未実施") == 3
    old = datetime.now(UTC) - timedelta(days=3)
    keep_exercise(settings, Exercise(name="backup", title="-", ended=old, figures={"megabytes": 41.5, "log-files": 3}))
    recovered = {"lost": 0, "recovery-seconds": 1.2}
    keep_exercise(settings, Exercise(name="leader-killed", title="-", figures=recovered))
    keep_exercise(settings, Exercise(name="of-a-later-release", title="<b>drill"))
    keep_exercise(settings, Exercise(name="abuse", title="-", good=False))
    shown = (await client.get("/exercises")).text
    told = ("41.5 MB、ログ 3 個", "3 日", "1日以上前", "欠落 0 件、復旧 1.2 秒", "良好", "失敗")
    drills = ("配信を担うブローカーの強制終了", "&lt;b&gt;drill")
    assert [each for each in (*told, *drills) if each not in shown] == []
    (tmp_path / "exercises/abuse.json").write_text('{"name": "<script>"}', encoding="utf-8")
    refused = await client.get("/exercises")
    assert (refused.status_code, "KRN-EXERCISE" in refused.text, "<script>" in refused.text) == (400, True, False)
