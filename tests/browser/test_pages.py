"""The pages as a person sees them, in a real browser over a real deployment."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from hub.pages.databases import DESK_DATABASE
from hub.pages.views import pages
from infra.check import offline
from infra.runtime.postgres import connect
from tests.browser.conftest import HOSTILE, SECOND_REVIEWER, Seen
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
STATE = '[data-live="prefecture/{}out.prefecture.v1/state"]'
UNREAD = '[data-live="prefecture/{}out.prefecture.v1/count"]'


def _place(seen: Seen, pattern: str) -> str:
    return "td " + pattern.format(f"{seen.settings.environment}.")


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


async def test_drift_is_none(seen: Seen) -> None:
    async with seen.browser("ja-JP") as page:
        await seen.log_in(page, "viewer-1")

        async def compared() -> bool:
            await page.goto(f"{seen.settings.pages_url}/drift")
            return await page.get_by_text("まだ照合されていません").count() == 0

        await until(compared, PATIENCE_MILLISECONDS / 1000)
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


async def test_the_heaviest_page_is_light(seen: Seen) -> None:
    """As transferred to a browser that has nothing of it yet."""
    async with seen.browser() as page:
        await seen.log_in(page)
        await page.wait_for_selector("canvas")
        transferred = await page.evaluate(TRANSFERRED)
    assert HEAVIEST_BYTES / 3 < transferred <= HEAVIEST_BYTES


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
        await page.select_option("#request", label="welfare (reviewer-1)")
        await page.select_option("#decision", label="approved")
        await page.get_by_role("button", name="Decide").click()
        await expect(page.get_by_role("status")).to_contain_text("The decision is kept")

        async def carried_out() -> bool:
            await page.goto(f"{seen.settings.pages_url}/requests")
            return await page.get_by_text("carried out", exact=True).count() == 1

        await until(carried_out, PATIENCE_MILLISECONDS / 1000)
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
