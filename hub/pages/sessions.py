"""Sessions: who is logged in, until 15 minutes without an action of theirs, or 8 hours, have passed.

The browser has a random token, the database its digest. While the database does not answer, who was known a moment ago
is let on looking, by the same limits.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256

from asyncpg import InterfaceError, InternalClientError, PostgresError

from hub.pages.accounts import SQL, Role, is_right
from hub.pages.databases import DESK_DATABASE
from hub.pages.throttle import COUNTED_SECONDS, wait_seconds
from infra.runtime.postgres import Connection, Pool, open_pool
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.catalogue import DESK

UNANSWERED = (Refusal, PostgresError, InterfaceError, InternalClientError, OSError)
"""InternalClientError is what asyncpg raises when the server ends a connection at the moment of a query."""
ANSWER_SECONDS = 4.0
LOGIN_SECONDS = 20.0
KNOWN_SECONDS = 3.0
"""How long a page that renews itself takes a session for good without asking again."""
TOKEN_BYTES = 32
VERIFIED_AT_ONCE = 2
"""Passwords at a time: each takes 64 MiB; and whoever tries many at once is counted before the next."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in, with the word that its forms must bring back; `until` by this process's steady clock."""

    account: str
    role: Role
    csrf: str
    known_at: float
    until: float

    def brings(self, word: str) -> bool:
        """Whether a form carries this session's word."""
        return hmac.compare_digest(self.csrf.encode(), word.encode("utf-8", "replace"))


class ThrottledError(Exception):
    """Too many attempts failed: the next may be made in `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("throttled")
        self.seconds = seconds


class Sessions:
    """The sessions of one process that serves pages."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: Pool | None = None
        self._known: dict[bytes, Session] = {}
        self._verifying = asyncio.Semaphore(VERIFIED_AT_ONCE)

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Connection]:
        """A connection as the role `desk`; raises one of `UNANSWERED` when there is none in time."""
        async with asyncio.timeout(ANSWER_SECONDS):
            if self._pool is None:
                name = DESK_DATABASE.name(self._settings.environment, self._settings.municipalities[0])
                self._pool = await open_pool(self._settings, name, role=DESK, principal=DESK)
            connection = await self._pool.acquire()
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    async def close(self) -> None:
        """Let go of the database."""
        if self._pool is not None:
            self._pool.terminate()

    async def log_in(self, name: str, password: str, address: str) -> str | None:
        """A token for whoever knows the password, None for anybody else; raises `ThrottledError`."""
        typed = sha256(name.encode("utf-8", "replace")).digest()
        async with asyncio.timeout(LOGIN_SECONDS), self._verifying, self.database() as connection:
            await connection.execute(SQL["forget_old"], self._settings.pages_session_seconds, COUNTED_SECONDS)
            (failed,) = await connection.fetch(SQL["failures"], typed, address, COUNTED_SECONDS)
            wait = wait_seconds(failed["of_name"], failed["of_address"], failed["seconds"])
            if wait > 0:
                raise ThrottledError(wait)
            if not await is_right(connection, name, password):
                await connection.execute(SQL["fail_login"], typed, address)
                return None
            await connection.execute(SQL["forget_failures"], typed)
            token = secrets.token_urlsafe(TOKEN_BYTES)
            await connection.execute(SQL["open_session"], _digest(token), name, secrets.token_urlsafe(TOKEN_BYTES))
        return token

    async def of(self, token: str, *, acts: bool) -> Session | None:
        """The session of a token; with `acts` a person did something, and the 15 minutes begin anew."""
        if not token:
            return None
        digest, known = _digest(token), self._known.get(_digest(token))
        now = time.monotonic()
        if known is not None and not acts and now - known.known_at < KNOWN_SECONDS:
            return known if now < known.until else None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._read(digest, acts=acts)
        except UNANSWERED:
            return known if known is not None and now < known.until else None

    async def log_out(self, token: str) -> None:
        """End a session."""
        self._known.pop(_digest(token), None)
        async with self.database() as connection:
            await connection.execute(SQL["close_session"], _digest(token))

    async def _read(self, digest: bytes, *, acts: bool) -> Session | None:
        async with self.database() as connection:
            row = await connection.fetchrow(SQL["session"], digest)
            left = self._left(row["idle_seconds"], row["age_seconds"]) if row else 0.0
            if row is None or left <= 0:
                self._known.pop(digest, None)
                await connection.execute(SQL["close_session"], digest)
                return None
            if acts:
                await connection.execute(SQL["touch_session"], digest)
                left = self._left(0.0, row["age_seconds"])
        now = time.monotonic()
        self._known[digest] = Session(row["account"], Role(row["role"]), row["csrf"], now, now + left)
        return self._known[digest]

    def _left(self, idle_seconds: float, age_seconds: float) -> float:
        idle = self._settings.pages_idle_seconds - idle_seconds
        return min(idle, self._settings.pages_session_seconds - age_seconds)


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "replace")).digest()
