"""A deployment with its operations pages, and a browser where there is one."""

import asyncio
import os
import re
import shutil
import ssl
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, ViewportSize, async_playwright

from hub.pages.accounts import Role, add_account
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.processes import free_ports
from infra.runtime.settings import Settings
from producers.register.standing import some_residents
from tests.environments import named
from tests.path.deployment import Deployment, deployed
from topics.declared import SHIPPED

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
REQUIRED = bool(CHROMIUM) and os.environ.get("CI") == "true"
PASSWORD = "correct horse battery"
SECOND_REVIEWER = "reviewer-2"
RESIDENTS = 60
HOSTILE = "<script>document.title = 'owned'</script>"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where every change is checked and a browser is there, no test of the pages may be skipped."""
    report = yield
    if REQUIRED and report.skipped:
        report.outcome, report.longrepr = "failed", "skipped, though a browser is here and CI is true"
    return report


@dataclass(slots=True)
class Seen:
    """A deployment that is looked at, and a resident who is in it."""

    deployment: Deployment
    resident: str

    @property
    def settings(self) -> Settings:
        """Its settings."""
        return self.deployment.settings

    @asynccontextmanager
    async def browser(self, language: str = "en-GB", width: int = 1200) -> AsyncIterator[Page]:
        """A page in a browser that nobody has used; it trusts the deployment's authority as a city's browsers would."""
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            size = ViewportSize(width=width, height=900)
            context: BrowserContext = await browser.new_context(
                locale=language,
                viewport=size,
                ignore_https_errors=True,
                accept_downloads=True,
            )
            try:
                yield await context.new_page()
            finally:
                await browser.close()

    async def log_in(self, page: Page, name: str = "auditor-1") -> None:
        """Log in by the form."""
        await page.goto(self.settings.pages_url)
        await page.fill("#name", name)
        await page.fill("#password", PASSWORD)
        await page.click("main button")
        await page.wait_for_url("**/way")


@pytest.fixture(scope="module")
def seen(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """A small city, everything arrived, with pages; the welfare grant's title is hostile."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine: the pages are not looked at")
    grants = Path(tmp_path_factory.mktemp("seen")) / "grants"
    shutil.copytree(SHIPPED, grants, ignore=shutil.ignore_patterns("__*"))
    file = grants / "welfare.yaml"
    file.write_text(re.sub("title: .*", f'title: "{HOSTILE}"', file.read_text(encoding="utf-8")), encoding="utf-8")
    settings = named(cluster, "seen").model_copy(
        update={
            "grants_directory": grants,
            "pages_url": f"https://127.0.0.1:{free_ports(1)[0]}",
            "survey_seconds": 0.5,
            "session_timeout_seconds": 6,
        }
    )
    found = asyncio.run(_deploy(settings))
    yield found
    found.deployment.supervisor.stop()


async def _deploy(settings: Settings) -> Seen:
    deployment = await deployed(settings, "pages", "drift", "analysis", "repairs")
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
