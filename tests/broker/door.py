"""The pages' application over a real database, and browsers of it as somebody or nobody."""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

import asyncpg
import httpx
from starlette.types import ASGIApp

from hub.pages.accounts import SQL
from hub.pages.application import COOKIE
from hub.pages.databases import DESK_DATABASE
from hub.pages.desk import Desk
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN

PASSWORD = "correct horse battery"
HERE = "https://desk.test"


@dataclass(slots=True)
class Door:
    """The application, and clients of it as somebody or nobody."""

    settings: Settings
    desk: Desk
    served: ASGIApp

    def client(self) -> httpx.AsyncClient:
        """A browser that nobody has used."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.served), base_url=HERE)

    async def logged_in(self, name: str) -> httpx.AsyncClient:
        """A browser in which somebody is logged in; that a password opens a session is shown by tests of its own."""
        token, client = secrets.token_urlsafe(32), self.client()
        administrator = await self.administrator()
        digest = sha256(token.encode()).digest()
        await administrator.execute(SQL["open_session"], digest, name, secrets.token_urlsafe(32))
        await administrator.close()
        client.cookies.set(COOKIE, token, domain="desk.test")
        return client

    async def administrator(self) -> asyncpg.Connection:
        """The database as its owner."""
        return await connect(self.settings, self.name, role=ADMIN, principal=ADMIN)

    @property
    def name(self) -> str:
        """The database's name."""
        return DESK_DATABASE.name(self.settings.environment, self.settings.municipalities[0])


async def word_of(client: httpx.AsyncClient) -> str:
    """The session's word, as its forms carry it."""
    found = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/way")).text)
    assert found is not None
    return found[1]
