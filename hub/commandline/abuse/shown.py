"""Cases 57, 58, 61, 62, 65, 66: what the operations pages show, to whom, and what they never do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import httpx

from hub.commandline.abuse.case import (
    NOT_REFUSED,
    PLANTED_NUMBER,
    Attempt,
    Case,
    Evidence,
    all_refused,
)
from hub.commandline.abuse.visitors import HOME, UNKNOWN, absent, answered, entitled, own_grants, visited, word_of
from hub.pages.accounts import Role
from hub.pages.forms import WORD
from hub.pages.headers import POLICY
from hub.pages.views import pages
from infra.runtime.settings import Settings
from topics.check_digits import serial_digit

MARKUP = "<script>alert(1)</script>"
AS_TEXT = "&lt;script&gt;alert(1)&lt;/script&gt;"
SOMEBODY = f"000000001{serial_digit('000000001')}"
ALERT = "0" * 16
WITH_IDS = (
    f"/ledger/{SOMEBODY}", f"/ledger/who?resident={SOMEBODY}", f"/review/{ALERT}", f"/review/open?alert={ALERT}",
)  # fmt: skip
ASKED = {"resident": SOMEBODY, "purpose": "drill", "case": "D-1"}
FRAMES = {
    "x-frame-options": "DENY",
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
WIDE = PLANTED_NUMBER.translate({ord(digit): ord("０") + int(digit) for digit in "0123456789"})
WRITTEN = (PLANTED_NUMBER, "-".join((PLANTED_NUMBER[:4], PLANTED_NUMBER[4:8], PLANTED_NUMBER[8:])), WIDE)


async def _markup(settings: Settings) -> Attempt:
    """Markup that is stored in a grant is shown as text; what is typed is not repeated; nothing inline would run."""
    with _titled(settings, MARKUP) as grants:
        async with visited(settings, grants_directory=grants) as visit:
            page = await (await visit.logged_in(Role.VIEWER)).get("/grants")
            entitled(page)
            typed = await (await visit.browser()).post("/login", data={"name": UNKNOWN, "password": MARKUP})
    inline = "unsafe" in page.headers["content-security-policy"]
    shown = AS_TEXT in page.text and MARKUP not in page.text and not inline
    return all_refused(Attempt(shown, "shown as text" if shown else f"{NOT_REFUSED}: shown as markup"),
                       absent(typed, MARKUP, AS_TEXT))  # fmt: skip


async def _others_ids(settings: Settings) -> Attempt:
    """Ids in addresses lead nowhere; in forms they are refused beyond what is served, listed or one's own to ask."""
    async with visited(settings) as visit:
        auditor, operator = await visit.logged_in(Role.AUDITOR), await visit.logged_in(Role.OPERATOR)
        nowhere = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
        attempts = [answered(await auditor.get(path), *nowhere) for path in WITH_IDS]
        for client, path, told in (
            (auditor, "/ledger/who", {**ASKED, "municipality": "999999"}),
            (auditor, "/ledger/who", {**ASKED, "resident": "../1"}),
            (auditor, "/review/enter", {"alert": ALERT, "outcome": "justified", "note": "busy-day"}),
            (operator, "/parked/retry", {"parked": f"drill {settings.municipalities[0]} 0"}),
        ):
            answer = await client.post(path, data={WORD: await word_of(client), **told})
            attempts.append(answered(answer, HTTPStatus.BAD_REQUEST))
        return all_refused(*attempts)


async def _number_listed(settings: Settings) -> Attempt:
    """A number that came to stand where a list reads from: the list fails, and nothing shows it in any writing."""
    with _titled(settings, f"of {WRITTEN[-1]}") as grants:
        async with visited(settings, grants_directory=grants) as visit:
            client = await visit.logged_in(Role.AUDITOR)
            answer = await client.get("/grants")
            said = repr([dict(line) for line in visit.lines])
            entitled(await client.get(HOME))
    told = any(written in said for written in WRITTEN)
    return all_refused(
        answered(answer, HTTPStatus.INTERNAL_SERVER_ERROR),
        absent(answer, *WRITTEN),
        Attempt(not told, f"{NOT_REFUSED}: a log repeats it" if told else "no log repeats it"),
    )


async def _unlogged(settings: Settings) -> Attempt:
    """A proof whose row in the access log cannot be written: by the database's own rule, or without the key for it."""
    attempts = []
    with TemporaryDirectory(prefix="kairan-drill-") as empty:
        for read, told in (({}, {"case": "<b>"}), ({}, {"case": ""}), ({"keys_directory": Path(empty)}, {})):
            async with visited(settings, **read) as visit:
                client = await visit.logged_in(Role.AUDITOR)
                answer = await client.post("/ledger/proof", data={WORD: await word_of(client), **ASKED, **told})
            attempts += [answered(answer, HTTPStatus.BAD_REQUEST), absent(answer, "proof.json", '"entries"')]
    return all_refused(*attempts)


async def _framed(settings: Settings) -> Attempt:
    """No answer may be put in a frame, be kept, or tell another site where one came from."""
    async with visited(settings) as visit:
        client = await visit.logged_in(Role.AUDITOR)
        paths = ("/login", "/nowhere", "/way/live", *(page.path for page in pages()))
        answers = [await client.get(path) for path in paths]
    return all_refused(*[_apart(answer) for answer in answers])


def _apart(answer: httpx.Response) -> Attempt:
    missing = [name for name, value in FRAMES.items() if answer.headers.get(name) != value]
    refused = "kept from frames, copies and other sites"
    return Attempt(not missing, f"{NOT_REFUSED}: {', '.join(missing)}" if missing else refused)


async def _reflected(settings: Settings) -> Attempt:
    """Markup in an address, a query, a cookie or a field comes back from no page, that of the review least of all."""
    async with visited(settings) as visit:
        client = await visit.logged_in(Role.AUDITOR, headers={"accept-language": MARKUP, "referer": MARKUP})
        hostile = quote(MARKUP)
        query = "&".join(f"{name}={hostile}" for name in ("all", "asked", "entered", "q"))
        paths = [f"{page.path}?{query}" for page in pages()]
        paths += [f"/login?ended={hostile}", f"/{hostile}", f"/language/{hostile}", f"/language/en?back={hostile}"]
        answers = [await client.get(path) for path in paths]
        fields = {"alert": MARKUP, "outcome": MARKUP, "note": MARKUP, "purpose": MARKUP, "case": MARKUP}
        word = await word_of(client)
        answers += [await client.post(f"/review/{form}", data={WORD: word, **fields}) for form in ("open", "enter")]
    return all_refused(*[absent(answer, MARKUP) for answer in answers])


@contextmanager
def _titled(settings: Settings, title: str) -> Iterator[Path]:
    """The deployment's grants in a place of their own, each with this title."""
    with own_grants(settings) as grants:
        for file in grants.glob("*.yaml"):
            text = file.read_text(encoding="utf-8")
            file.write_text(re.sub("(?m)^title: .*", f"title: '{title}'", text), encoding="utf-8")
        yield grants


SHOWN = (
    Case(57, "markup that is stored", Evidence.PAGES, _markup),
    Case(58, "somebody else's id in an address or a form", Evidence.PAGES, _others_ids),
    Case(61, "a number on a list", Evidence.PAGES, _number_listed),
    Case(62, "a proof that no log knows of", Evidence.PAGES, _unlogged),
    Case(65, "pages in a frame, kept, or told to other sites", Evidence.PAGES, _framed),
    Case(66, "markup that a page gives back", Evidence.PAGES, _reflected),
)
