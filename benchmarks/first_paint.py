"""How heavy the pages are, and how soon they are painted: ``python -m benchmarks.first_paint``.

Servers and every role of its own, a small city at rest. Chromium opens each page several times, each time in a context
that has nothing of it yet. Told for each page: bytes as transferred, headers included, and the browser's own
first-contentful-paint over loopback, the median and the longest.
"""

import argparse
import asyncio
import json
import shutil
import ssl
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.async_api import Browser, async_playwright

from benchmarks.viewers import logged_in, served
from hub.commandline.deployment import role_names
from hub.commandline.settlement import wait_until_settled
from hub.pages.views import pages
from infra.embedded.supervisor import Supervisor
from infra.runtime.settings import Settings
from producers.register.registrar import Registrar
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import live, load_city

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WATCHING = ("pages", "drift", "repairs", "analysis")
RESIDENTS, CHANGES, SEED = 200, 100, 7
TRANSFERRED = """performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
    .reduce((sum, each) => sum + each.transferSize, 0)"""
PAINTED = """new Promise((told) => new PerformanceObserver((list) => {
    for (const each of list.getEntriesByName("first-contentful-paint")) told(each.startTime);
}).observe({ type: "paint", buffered: true }))"""
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening of a page: bytes transferred, and milliseconds until something was painted."""

    transferred: int
    painted: float


def main() -> None:
    """Measure, and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    options = parser.parse_args()
    with served() as (settings, supervisor):
        supervisor.start([*role_names(settings), *WATCHING])
        print(json.dumps(asyncio.run(_measured(settings, supervisor, options.times)), indent=1))  # noqa: T201


async def _measured(settings: Settings, supervisor: Supervisor, times: int) -> dict[str, dict[str, float]]:
    await _lived(settings, supervisor)
    cookies = await _cookies(settings)
    async with async_playwright() as playwright:
        path = next(found for name in CHROMIUM if (found := shutil.which(name)))
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            opened = {
                page.name: [await _opened(browser, f"{settings.pages_url}{page.path}", cookies) for _ in range(times)]
                for page in pages()
            }
        finally:
            await browser.close()
    return {name: _told(each) for name, each in opened.items()}


async def _lived(settings: Settings, supervisor: Supervisor) -> None:
    (municipality,) = settings.municipalities[:1]
    city = SyntheticCity(SEED, municipality, RESIDENTS, settings.numbers_by_request)
    async with Registrar.open(settings, municipality) as registrar:
        await load_city(registrar, city)
        await live(registrar, city, CHANGES)
    await wait_until_settled(settings, supervisor.refuse_dead)


async def _cookies(settings: Settings) -> Sequence[Any]:
    """A session's cookie, as a browser keeps it."""
    context = ssl.create_default_context(cafile=str(settings.certificates_directory / "ca.crt"))
    async with httpx.AsyncClient(verify=context, base_url=settings.pages_url, timeout=30) as client:
        await logged_in(client)
        told = client.cookies.items()
    return [{"name": name, "value": value, "url": settings.pages_url, "secure": True} for name, value in told]


async def _opened(browser: Browser, address: str, cookies: Sequence[Any]) -> Opened:
    context = await browser.new_context(ignore_https_errors=True)
    try:
        await context.add_cookies(cookies)
        page = await context.new_page()
        await page.goto(address, wait_until="networkidle")
        async with asyncio.timeout(PATIENCE_SECONDS):
            return Opened(await page.evaluate(TRANSFERRED), await page.evaluate(PAINTED))
    finally:
        await context.close()


def _told(opened: Sequence[Opened]) -> dict[str, float]:
    painted = [each.painted for each in opened]
    return {
        "bytes": max(each.transferred for each in opened),
        "median_milliseconds": round(statistics.median(painted)),
        "longest_milliseconds": round(max(painted)),
    }


if __name__ == "__main__":
    main()
