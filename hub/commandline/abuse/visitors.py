"""The operations pages as they are, by TLS over the deployment's own accounts, and browsers of accounts made for it."""

import asyncio
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from argon2 import PasswordHasher
from structlog.testing import capture_logs

from hub.commandline.abuse.case import NOT_REFUSED, Attempt
from hub.pages.accounts import SQL as DESK_SQL
from hub.pages.accounts import Role, as_administrator
from hub.pages.application import COOKIE, application
from hub.pages.desk import Change, Desk
from hub.pages.forms import WORD
from hub.pages.page import Page
from hub.pages.sessions import Sessions
from hub.pages.views import pages
from infra.embedded.processes import free_ports
from infra.runtime.https import serve_https
from infra.runtime.queries import load_queries
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from infra.runtime.tls import browser_context, client_context
from topics.catalogue import DESK
from topics.declared import SHIPPED
from topics.grant import Grant
from topics.grant_files import REQUESTED

SQL = load_queries("hub.commandline.abuse", "visitors.sql")
UNKNOWN = "drill-nobody"
HOME = "/drift"
LISTENING_TRIES, LISTENING_SECONDS = 100, 0.02
ANSWER_SECONDS = 30.0
TOKEN_BYTES = 32


@dataclass(slots=True)
class Visited:
    """Pages that are served for one attempt; nothing of the accounts, sessions and failures made here remains."""

    settings: Settings
    stack: AsyncExitStack
    lines: Sequence[MutableMapping[str, Any]]

    async def browser(self, **told: Any) -> httpx.AsyncClient:
        """A browser that nobody has used; it trusts the deployment's authority alone."""
        context = client_context(self.settings, DESK)
        client = httpx.AsyncClient(
            base_url=self.settings.pages_url, verify=context, timeout=ANSWER_SECONDS, trust_env=False, **told
        )
        return await self.stack.enter_async_context(client)

    async def logged_in(self, role: Role, **told: Any) -> httpx.AsyncClient:
        """A browser in which somebody of this role is logged in; what log-in itself does is tried apart."""
        await self.account(role)
        token, client = secrets.token_urlsafe(TOKEN_BYTES), await self.browser(**told)
        async with as_administrator(self.settings) as connection:
            word = secrets.token_urlsafe(TOKEN_BYTES)
            await connection.execute(DESK_SQL["open_session"], sha256(token.encode()).digest(), name_of(role), word)
        client.cookies.set(COOKIE, token)
        return client

    async def log_in(self, client: httpx.AsyncClient, role: Role, password: str) -> httpx.Response:
        """What the log-in form answers."""
        return await client.post("/login", data={"name": name_of(role), "password": password})

    async def account(self, role: Role) -> str:
        """The password of the account of this role, which is made when it is first asked for."""
        word, kept = _password()
        async with as_administrator(self.settings) as connection:
            await connection.execute(DESK_SQL["add_account"], name_of(role), role.value, kept)
        return word


@asynccontextmanager
async def visited(settings: Settings, **read: Path) -> AsyncIterator[Visited]:
    """Serve the pages on a port of their own, and take back afterwards what was left in their database; `read` are
    directories that the pages read instead of the deployment's."""
    served = settings.model_copy(update={"pages_url": f"https://127.0.0.1:{free_ports(1)[0]}"})
    desk, stop = Desk(served.model_copy(update=read), Sessions(served), _no_replay), Stop()
    answers = application(desk)
    with capture_logs() as lines:
        await _forget(served)
        server = asyncio.create_task(serve_https(served.pages_url, browser_context(served, DESK), answers, stop))
        try:
            await _listening(served.pages_url)
            async with AsyncExitStack() as stack:
                yield Visited(served, stack, lines)
        finally:
            stop.set()
            await desk.sessions.close()
            await _forget(served)
            await server


def name_of(role: Role) -> str:
    """The account of this role."""
    return f"drill-{role.value}"


async def word_of(client: httpx.AsyncClient) -> str:
    """The session's word, as the forms of its pages carry it."""
    found = re.search(rf'name="{WORD}" value="([^"]+)"', (await client.get(HOME)).text)
    return found[1] if found else ""


def answered(answer: httpx.Response, *statuses: int, to: str = "") -> Attempt:
    """Refused when the answer has one of these statuses, and leads to where it should."""
    place = answer.headers.get("location", "")
    told = f"answered {answer.status_code}{f' to {place}' if place else ''}"
    refused = answer.status_code in statuses and place == to
    return Attempt(refused, told if refused else f"{NOT_REFUSED}: {told} for {answer.request.url.path}")


def absent(answer: httpx.Response, *texts: str) -> Attempt:
    """Refused when the answer repeats none of the texts, in body or header."""
    whole = answer.text + "".join(answer.headers.values())
    found = any(text in whole for text in texts)
    return Attempt(not found, f"{NOT_REFUSED}: {answer.request.url.path} repeats it" if found else "not repeated")


def entitled(answer: httpx.Response) -> None:
    """Raises OSError unless whoever is entitled got it: a refusal of everybody shows nothing."""
    if answer.status_code != HTTPStatus.OK:
        raise OSError("the entitled person was refused")


@contextmanager
def own_grants(settings: Settings) -> Iterator[Path]:
    """The deployment's grants in a place of their own, without requests."""
    with TemporaryDirectory(prefix="kairan-drill-") as name:
        grants = Path(name) / "grants"
        kept = settings.grants_directory or SHIPPED
        shutil.copytree(kept, grants, ignore=shutil.ignore_patterns("__*", REQUESTED))
        yield grants


def all_forms() -> Iterator[tuple[Page, str]]:
    """Every form of every page, by its path."""
    for page in pages():
        yield from ((page, f"{page.path}/{form}") for form in page.forms)


async def _listening(url: str) -> None:
    host, _, port = url.removeprefix("https://").partition(":")
    for _ in range(LISTENING_TRIES):
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            await asyncio.sleep(LISTENING_SECONDS)
        else:
            writer.close()
            return
    raise OSError("the pages do not listen")


async def _forget(settings: Settings) -> None:
    names = [name_of(role) for role in Role]
    typed = [sha256(name.encode()).digest() for name in (*names, UNKNOWN)]
    async with as_administrator(settings) as connection:
        await connection.execute(SQL["forget_sessions"], names)
        await connection.execute(SQL["forget_failures"], typed)
        await connection.execute(SQL["forget_accounts"], names)


@cache
def _password() -> tuple[str, str]:
    """A password that nobody knows, and what is kept of it."""
    word = secrets.token_urlsafe(TOKEN_BYTES)
    return word, PasswordHasher().hash(word)


async def _no_replay(_settings: Settings, _grant: Grant) -> Change:
    raise OSError("the register was replayed")
