"""A deployment that is looked at through its pages, by a browser where there is one."""

import asyncio
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Page, ViewportSize, async_playwright

from hub.pages.accounts import Role, add_account
from infra.runtime.settings import Settings
from producers.register.standing import some_residents
from tests.path.deployment import Deployment, deployed

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
PASSWORD = "correct horse battery"
SECOND_REVIEWER = "reviewer-2"
RESIDENTS = 60


@dataclass(slots=True)
class Seen:
    """A deployment that is looked at, and a resident who is in it."""

    deployment: Deployment
    resident: str

    @property
    def settings(self) -> Settings:
        """Its settings."""
        return self.deployment.settings

    @property
    def city(self) -> str:
        """The municipality that is looked at."""
        return self.settings.municipalities[0]

    @asynccontextmanager
    async def browser(
        self, language: str = "en-GB", width: int = 1200, environment: Mapping[str, str] | None = None
    ) -> AsyncIterator[Page]:
        """A page in a browser that nobody has used; it trusts the deployment's authority as a city's browsers would."""
        surroundings: dict[str, str | float | bool] = {**os.environ, **(environment or {})}
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox"], env=surroundings
            )
            context = await browser.new_context(
                locale=language,
                viewport=ViewportSize(width=width, height=900),
                ignore_https_errors=True,
                accept_downloads=True,
            )
            try:
                yield await context.new_page()
            finally:
                await browser.close()

    @asynccontextmanager
    async def another(self, page: Page) -> AsyncIterator[Page]:
        """A page of whoever is logged in on `page`, that has nothing of what was loaded there."""
        assert page.context.browser is not None
        kept = await page.context.storage_state()
        context = await page.context.browser.new_context(ignore_https_errors=True, storage_state=kept)
        try:
            yield await context.new_page()
        finally:
            await context.close()

    async def log_in(self, page: Page, name: str = "auditor-1") -> None:
        """Log in by the form."""
        await page.goto(self.settings.pages_url)
        await page.fill("#name", name)
        await page.fill("#password", PASSWORD)
        await page.click("main button")
        await page.wait_for_url("**/way")


async def looked_at(settings: Settings) -> Seen:
    """A small city, everything arrived, with pages, accounts of every role and a second reviewer."""
    deployment = await deployed(settings, "pages", "drift", "analysis", "repairs")
    try:
        return await _arrived(deployment)
    except BaseException:
        deployment.supervisor.stop()
        raise


async def _arrived(deployment: Deployment) -> Seen:
    settings = deployment.settings
    await deployment.load(RESIDENTS)
    await deployment.settle()
    for role in Role:
        await add_account(settings, f"{role.value}-1", role, PASSWORD)
    await add_account(settings, SECOND_REVIEWER, Role.REVIEWER, PASSWORD)
    await _listening(settings)
    (resident,) = await some_residents(settings, settings.municipalities[0], 1)
    return Seen(deployment, resident)


async def _listening(settings: Settings) -> None:
    """Until the pages answer."""
    context = ssl.create_default_context(cafile=str(settings.certificates_directory / "ca.crt"))
    host, _, port = settings.pages_url.removeprefix("https://").partition(":")
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, int(port), ssl=context)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
