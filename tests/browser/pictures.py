"""Every page in pictures, in both languages: ``python -m tests.browser.pictures`` makes docs/pages anew.

Servers, a synthetic city and exercises of its own, some minutes; needs chromium. A picture is a whole page as a browser
shows it, in few colours, since a repository keeps every picture for ever.
"""

import argparse
import asyncio
import io
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from PIL import Image
from playwright.async_api import Page

from hub.commandline.deployment import principal_names
from hub.pages.views import pages
from hub.watch.words import Language
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.settings import Settings, load_settings
from producers.register.documents.font import FONT
from tests.browser.seen import Seen, looked_at
from tests.browser.stage import happen
from tests.polling import until
from topics.declared import SHIPPED

PICTURES = Path("docs/pages")
LOCALES: Mapping[Language, str] = MappingProxyType({"ja": "ja-JP", "en": "en-GB"})
PURPOSES: Mapping[Language, str] = MappingProxyType({"ja": "本人からの照会", "en": "asked by the resident"})
COLOURS = 24
PATIENCE_SECONDS = 90
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{directory}</dir><cachedir>{cache}</cachedir>
</fontconfig>"""


@dataclass(frozen=True, slots=True)
class View:
    """Who looks at a page, what must be on it, and what is done on it before the picture is taken."""

    account: str
    shown: str
    act: Callable[[Seen, Page, Language], Awaitable[None]] | None = None


async def _ask(seen: Seen, page: Page, language: Language) -> None:
    for field, value in (("resident", seen.resident), ("purpose", PURPOSES[language]), ("case", "A-17")):
        await page.fill(f"#{field}", value)
    await page.locator("form[action='/ledger/who'] button").first.click()
    await page.wait_for_selector("tbody tr:nth-child(3)")


async def _open_items(_seen: Seen, page: Page, _language: Language) -> None:
    await page.locator("summary").first.click()


VIEWS: Mapping[str, View] = MappingProxyType(
    {
        "way": View("operator-1", "canvas"),
        "recipients": View("operator-1", "tbody"),
        "parked": View("operator-1", "#parked option"),
        "grants": View("reviewer-1", "#recipient"),
        "requests": View("reviewer-1", "#request", _open_items),
        "ledger": View("auditor-1", "#resident", _ask),
        "review": View("reviewer-1", "#alert"),
        "drift": View("operator-1", "main .mark.ok"),
        "exercises": View("operator-1", "tbody time"),
    }
)


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=PICTURES)
    parser.add_argument("--only", action="append", choices=[*VIEWS], help="this page; may be given several times")
    options = parser.parse_args()
    chosen = options.only or [each.name for each in pages()]
    with TemporaryDirectory(prefix="kairan-pictures-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        settings = load_settings(state_directory=scratch / "state", backup_directory=scratch / "backups")
        with EmbeddedCluster(settings, principal_names(settings), temporary=True) as cluster:
            asyncio.run(_make(_looked_through(cluster.settings, scratch), scratch, chosen, options.to))


def _looked_through(settings: Settings, scratch: Path) -> Settings:
    """Grants of its own, in which a request may wait; and looks so frequent that charts have points soon."""
    grants = shutil.copytree(SHIPPED, scratch / "grants", ignore=shutil.ignore_patterns("__*", "requested"))
    return settings.model_copy(update={"grants_directory": grants, "survey_seconds": 1.0, "checkpoint_seconds": 0.5})


async def _make(settings: Settings, scratch: Path, chosen: Sequence[str], to: Path) -> None:
    seen = await looked_at(settings)
    try:
        await happen(seen, scratch)
        for language in LOCALES:
            for name in chosen:
                picture = _in_few_colours(await _taken(seen, name, language, _fonts(scratch)))
                (to / f"{name}-{language}.png").write_bytes(picture)
    finally:
        seen.deployment.supervisor.stop()


async def _taken(seen: Seen, name: str, language: Language, environment: Mapping[str, str]) -> bytes:
    view = VIEWS[name]
    path = next(each.path for each in pages() if each.name == name)
    async with seen.browser(LOCALES[language], environment=environment) as page:
        await seen.log_in(page, view.account)

        async def there() -> bool:
            await page.goto(f"{seen.settings.pages_url}{path}", wait_until="networkidle")
            return await page.locator(view.shown).count() > 0

        await until(there, PATIENCE_SECONDS, f"{name}: there is nothing to see")
        if view.act is not None:
            await view.act(seen, page, language)
        return await page.screenshot(full_page=True)


def _fonts(scratch: Path) -> Mapping[str, str]:
    """Surroundings in which a browser finds the documents' font beside what the machine has: Japanese is readable."""
    file = scratch / "fonts.conf"
    file.write_text(FONTS.format(directory=FONT.parent, cache=scratch / "font-cache"), encoding="utf-8")
    return {"FONTCONFIG_FILE": str(file)}


def _in_few_colours(picture: bytes) -> bytes:
    """In those that lie furthest apart: a state's colour stays, however little of it there is."""
    with Image.open(io.BytesIO(picture)) as image:
        few = image.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    main()
