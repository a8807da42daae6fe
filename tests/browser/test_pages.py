"""The pages as a person sees them, in a real browser over a real deployment."""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from hub.pages.databases import DESK_DATABASE
from hub.pages.views import pages
from hub.pages.words import word
from infra.check import offline
from infra.check.sources import read_copy, read_register, read_subjects
from infra.runtime.postgres import connect
from tests.browser.alerts import ALERTS, OPERATOR, raise_alerts
from tests.browser.conftest import HOSTILE
from tests.browser.parking import NAMES, RECIPIENT, mend, park
from tests.browser.seen import SECOND_REVIEWER, Seen
from tests.path.offline import checked_offline
from tests.polling import until
from topics.catalogue import ADMIN
from topics.declared import declared_by_recipient
from topics.grant_files import declared_path, requested_path, write_grant

AXE = (Path(__file__).parent / "axe/axe.min.js").read_text(encoding="utf-8")
SERIOUS = ("serious", "critical")
HEAVIEST_BYTES = 150 * 1024
PATIENCE_MILLISECONDS = 45_000
TRANSFERRED = """performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
    .reduce((sum, each) => sum + each.transferSize, 0)"""
STATE = '[data-live="{reader}/{environment}.out.{reader}.v1/state"]'
UNREAD = '[data-live="{reader}/{environment}.out.{reader}.v1/count"]'


def _place(seen: Seen, pattern: str, reader: str = "prefecture") -> str:
    return "td " + pattern.format(reader=reader, environment=seen.settings.environment)


async def _looked_again(seen: Seen, page: Page, path: str, holds: Callable[[], Awaitable[bool]]) -> None:
    """Load the page anew until it is as it must be."""

    async def asked() -> bool:
        await page.goto(f"{seen.settings.pages_url}/{path}")
        return await holds()

    await until(asked, PATIENCE_MILLISECONDS / 1000, f"{path}: not in time")


async def test_the_page_renews_itself_and_says_why_a_stopped_recipient_lags(seen: Seen) -> None:
    async with seen.browser() as page:
        await seen.log_in(page)
        await page.evaluate("window.unloaded = false")
        await expect(page.locator(_place(seen, STATE))).to_have_text("ok", timeout=PATIENCE_MILLISECONDS)
        role = next(role for role in seen.deployment.supervisor.roles if role.name == "prefecture")
        seen.deployment.supervisor.kill(role)
        await seen.deployment.live(6)
        state = page.locator(_place(seen, STATE))
        await expect(state).to_have_text("stopped", timeout=PATIENCE_MILLISECONDS)
        await expect(page.locator(_place(seen, UNREAD))).not_to_have_text("0", timeout=PATIENCE_MILLISECONDS)
        await expect(page.locator("td", has_text="no process reads")).to_be_visible()
        await expect(page.locator("svg .state.stopped")).to_have_text("stopped")
        seen.deployment.supervisor.start_one("prefecture")
        await expect(state).to_have_text("ok", timeout=PATIENCE_MILLISECONDS)
        await expect(page.locator(_place(seen, UNREAD))).to_have_text("0", timeout=PATIENCE_MILLISECONDS)
        assert await page.evaluate("window.unloaded") is False
        assert await page.locator("canvas").count() == 2


async def test_a_wrong_password_is_told_and_a_right_one_lets_in(seen: Seen) -> None:
    async with seen.browser() as page:
        await page.goto(seen.settings.pages_url)
        await page.fill("#name", "viewer-1")
        await page.fill("#password", "wrong password it is")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("Account or password is wrong.")
        await seen.log_in(page, "viewer-1")
        await page.get_by_role("button", name="Log out").click()
        await expect(page).to_have_url(f"{seen.settings.pages_url}/login")


async def test_whoever_idles_is_logged_out_by_the_page_itself(seen: Seen) -> None:
    async with seen.browser() as page:
        await seen.log_in(page, "operator-1")
        name = DESK_DATABASE.name(seen.settings.environment, seen.settings.municipalities[0])
        database = await connect(seen.settings, name, role=ADMIN, principal=ADMIN)
        await database.execute("UPDATE session SET seen_at = now() - interval '901 s' WHERE account = 'operator-1'")
        await database.close()
        await expect(page).to_have_url(f"{seen.settings.pages_url}/login?ended", timeout=PATIENCE_MILLISECONDS)
        await expect(page.get_by_role("status")).to_contain_text("You are logged out")


async def test_a_hostile_name_is_text(seen: Seen) -> None:
    async with seen.browser() as page:
        await seen.log_in(page, "reviewer-1")
        await page.goto(f"{seen.settings.pages_url}/grants")
        await expect(page.get_by_text(HOSTILE)).to_be_visible()
        assert await page.title() != "owned"


async def test_the_auditor_asks_who_got_what_and_takes_a_proof_that_holds(seen: Seen, tmp_path: Path) -> None:
    async with seen.browser() as page:
        await seen.log_in(page)
        await page.goto(f"{seen.settings.pages_url}/ledger")
        for field, value in (("resident", seen.resident), ("purpose", "asked by the resident"), ("case", "A-17")):
            await page.fill(f"#{field}", value)
        await page.get_by_role("button", name="Ask").click()
        assert await _violations(page) == []
        rows = page.locator("tbody tr", has_text="disclosed")
        assert await rows.count() >= 1
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Download the proof").click()
        file = tmp_path / "proof.json"
        await (await download.value).save_as(file)
    assert json.loads(file.read_text(encoding="utf-8"))["entries"]
    assert await checked_offline(seen.settings, tmp_path, "inclusion", str(file)) == offline.GOOD
    name = DESK_DATABASE.name(seen.settings.environment, seen.settings.municipalities[0])
    database = await connect(seen.settings, name, role=ADMIN, principal=ADMIN)
    kept = await database.fetch("SELECT question, operator, case_number, subjects FROM access_log ORDER BY asked_at")
    await database.close()
    assert [(row["question"], row["operator"], row["case_number"]) for row in kept[-2:]] == [
        ("who", "auditor-1", "A-17"),
        ("proof", "auditor-1", "A-17"),
    ]
    assert all(seen.resident.encode() not in subject for row in kept for subject in row["subjects"])


async def test_a_reviewer_sees_what_a_grant_changes(seen: Seen) -> None:
    async with seen.browser() as page:
        await seen.log_in(page, "reviewer-1")
        await page.goto(f"{seen.settings.pages_url}/grants")
        await page.select_option("#recipient", "prefecture")
        for field, value in (("purpose", "yearly review"), ("case", "R-3")):
            await page.fill(f"#{field}", value)
        await page.get_by_role("button", name="Replay").click()
        await expect(page.get_by_text("not wider than what was approved")).to_be_visible()
        assert await _violations(page) == []


async def test_drift_is_none(seen: Seen) -> None:
    async with seen.browser("ja-JP") as page:
        await seen.log_in(page, "viewer-1")

        async def compared() -> bool:
            return await page.get_by_text("まだ照合されていません").count() == 0

        await _looked_again(seen, page, "drift", compared)
        await expect(page.get_by_text("ブローカーは許可のとおりです。")).to_be_visible()


@pytest.mark.parametrize("width", [1200, 380])
async def test_axe_finds_nothing_serious_and_a_phone_can_read_it(seen: Seen, width: int) -> None:
    async with seen.browser(width=width) as page:
        await page.goto(f"{seen.settings.pages_url}/login")
        assert await _violations(page) == []
        await seen.log_in(page)
        await page.wait_for_selector("canvas")
        for path in (*(each.path.strip("/") for each in pages()), "nowhere"):
            await page.goto(f"{seen.settings.pages_url}/{path}")
            assert await _violations(page) == []
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") is True


async def test_every_page_is_light(seen: Seen) -> None:
    """As transferred to a browser that has nothing of it yet: not even what the log-in needs."""
    transferred = {}
    async with seen.browser() as page:
        await seen.log_in(page)
        for each in pages():
            async with seen.another(page) as fresh:
                await fresh.goto(f"{seen.settings.pages_url}{each.path}", wait_until="networkidle")
                transferred[each.name] = await fresh.evaluate(TRANSFERRED)
    assert HEAVIEST_BYTES / 3 < max(transferred.values()) <= HEAVIEST_BYTES
    assert min(transferred.values()) > 0


async def test_a_parked_resident_is_shown_masked_and_retried_once_the_cause_is_mended(seen: Seen) -> None:
    await park(seen)
    async with seen.browser() as page:
        await seen.log_in(page, "operator-1")
        rows = _rows(page, "parked")

        async def waits() -> bool:
            return await rows.count() == 1 and int((await _cells(page, "parked"))["behind"]) >= len(NAMES) - 1

        await _looked_again(seen, page, "parked", waits)
        cells = await _cells(page, "parked")
        assert (cells["recipient"], cells["code"]) == (RECIPIENT, "KIT-NOT-STORABLE")
        assert cells["subject"] == (await _subject(seen))[:8] + "…"
        assert [value for value in await _hidden(seen) if value in await page.content()] == []
        assert await _violations(page) == []
        await mend(seen)
        await page.select_option("#parked", f"{RECIPIENT} {seen.city} {cells['offset'].replace(',', '')}")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("status")).to_contain_text("The retry is asked for")

        async def nothing() -> bool:
            return await page.get_by_text("Nothing is parked.").count() == 1

        await _looked_again(seen, page, "parked", nothing)
        await expect(_rows(page, "lanes").filter(has_text=RECIPIENT).locator(".mark.ok")).to_have_text("none parked")
        retried = _rows(page, "retries").filter(has_text="operator-1")
        await expect(retried).to_contain_text(re.compile(r"done\s+[1-9][0-9]* applied, 0 held, 0 parked still"))
        await page.goto(f"{seen.settings.pages_url}/way")
        await expect(page.locator(_place(seen, STATE, RECIPIENT))).to_have_text("ok", timeout=PATIENCE_MILLISECONDS)
    await seen.deployment.settle()
    assert await _name_in_the_copy(seen) == NAMES[-1]
    assert (await seen.deployment.verify()).findings == ()


def _rows(page: Page, caption: str) -> Locator:
    return page.get_by_role("table", name=word(caption, "en"), exact=True).locator("tbody tr")


async def _cells(page: Page, caption: str) -> dict[str, str]:
    """The first row of a list, by its columns' keys."""
    columns = ("recipient", "offset", "code", "subject", "behind")
    heads = await page.get_by_role("table", name=word(caption, "en"), exact=True).locator("thead th").all_inner_texts()
    cells = [text.strip() for text in await _rows(page, caption).first.locator("th, td").all_inner_texts()]
    return {column: cells[heads.index(word(column, "en"))] for column in columns}


async def _subject(seen: Seen) -> str:
    """The resident's pseudonym at the recipient."""
    grant = declared_by_recipient(seen.settings.grants_directory)[RECIPIENT]
    subjects = await read_subjects(seen.settings, seen.city, grant)
    return next(subject for subject, resident in subjects.items() if resident == seen.resident)


async def _hidden(seen: Seen) -> list[str]:
    """What no page may say of the resident: her pseudonym in full, her numbers and everybody's, and what she is, or
    was, called and where she lives.
    """
    register = await read_register(seen.settings, seen.city)
    records = [version.record or {} for version in register.histories[seen.resident]]
    told = {record[item]["text"] for record in records for item in ("name", "address")}
    assert len(told) > len(NAMES)
    return [seen.resident, await _subject(seen), *register.numbers.values(), *told]


async def _name_in_the_copy(seen: Seen) -> Any:
    grant = declared_by_recipient(seen.settings.grants_directory)[RECIPIENT]
    return (await read_copy(seen.settings, seen.city, grant))[await _subject(seen)].items["name"]


async def test_an_alert_is_opened_by_whoever_answers_for_it_and_its_outcome_is_entered(seen: Seen) -> None:
    await raise_alerts(seen)
    alert, *others = (each.alert for each in ALERTS)
    async with seen.browser() as page:
        await seen.log_in(page, "reviewer-1")
        await page.goto(f"{seen.settings.pages_url}/review")
        await expect(_rows(page, "alerts")).to_have_count(len(ALERTS))
        assert OPERATOR not in await page.content()
        assert await _violations(page) == []
        await page.select_option("#alert", alert)
        for field, value in (("purpose", "monthly review"), ("case", "R-4")):
            await page.fill(f"#{field}", value)
        await page.get_by_role("button", name=word("open-alert", "en")).click()
        await expect(page.get_by_text(OPERATOR)).to_be_visible()
        assert await _violations(page) == []
        await page.select_option("#outcome", "justified")
        await page.select_option("#note", "case-found")
        await page.get_by_role("button", name=word("enter-outcome", "en")).click()
        await expect(page.get_by_role("status")).to_be_visible()
        await expect(_rows(page, "alerts")).to_have_count(len(others))


async def test_a_request_is_reviewed_by_a_second_person_and_then_declared(seen: Seen) -> None:
    """The first reviewer has asked for it, and cannot choose it."""
    grants = seen.settings.grants_directory
    assert grants is not None
    welfare = declared_by_recipient(grants)["welfare"]
    request = welfare.request.model_copy(update={"requester": "reviewer-1"})
    wider = welfare.model_copy(update={"request": request, "review": None})
    write_grant(requested_path(grants, "welfare"), wider, layout=declared_path(grants, "welfare"))
    async with seen.browser() as page:
        await seen.log_in(page, "reviewer-1")
        await page.goto(f"{seen.settings.pages_url}/requests")
        await expect(page.locator("#request option", has_text="welfare")).to_be_disabled()
    async with seen.browser() as page:
        await seen.log_in(page, SECOND_REVIEWER)
        await page.goto(f"{seen.settings.pages_url}/requests")
        assert await _violations(page) == []
        await page.select_option("#request", label="welfare (reviewer-1)")
        await page.select_option("#decision", label="approved")
        await page.get_by_role("button", name="Decide").click()
        await expect(page.get_by_role("status")).to_contain_text("The decision is kept")

        async def carried_out() -> bool:
            return await page.get_by_text("carried out", exact=True).count() == 1

        await _looked_again(seen, page, "requests", carried_out)
        await expect(page.get_by_text("No request waits for a review.")).to_be_visible()
    review = declared_by_recipient(grants)["welfare"].review
    assert review is not None
    assert review.reviewer == SECOND_REVIEWER


async def _violations(page: Page) -> list[Any]:
    await page.evaluate(AXE)
    found = await page.evaluate("axe.run()")
    return [
        (each["id"], [node["target"] for node in each["nodes"]])
        for each in found["violations"]
        if each["impact"] in SERIOUS
    ]
