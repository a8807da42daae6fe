"""Look-ups of residents: each leaves a row in the access log, in the transaction that reads the answer."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from asyncpg import CheckViolationError

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.keys import ACCESS_KEY, load_key
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from topics.catalogue import REGISTER

_SQL = load_queries("producers.register", "access.sql")
_TABLES = ("access_log", "number_lookup", "number_reading")


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who asks, for what, in which case: what stands in the log of look-ups."""

    operator: str
    purpose: str
    case_number: str

    def told(self) -> tuple[str, str, str]:
        """As the database's functions take it."""
        return self.operator, self.purpose, self.case_number


class Lookup:
    """One look-up, within its transaction: what is asked, and then whom the answer is about."""

    def __init__(self, connection: Connection, cipher: ColumnCipher, occasion: Occasion) -> None:
        self.id: UUID = uuid4()
        self.connection = connection
        self._cipher = cipher
        self._occasion = occasion

    async def ask(self, query: str, *arguments: object) -> list[Any]:
        """The answer's rows; the look-up is logged with them."""
        rows: list[Any] = await self.connection.fetch(_SQL[query], self.id, *self._occasion.told(), *arguments)
        return rows

    async def tell(self, subjects: Sequence[str]) -> None:
        """Whom the answer is about, by addressee number; without it nothing can be committed."""
        sealed = [self._cipher.seal(str(self.id), subject.encode("ascii")) for subject in subjects]
        await self.connection.execute(_SQL["tell_subjects"], self.id, sealed)


@asynccontextmanager
async def looking_up(settings: Settings, municipality: str, role: str, occasion: Occasion) -> AsyncIterator[Lookup]:
    """A look-up in one transaction of the register's database as `role`; raises `Refusal`.

    What the block found may be used once the block is left: the log is committed then.
    """
    cipher = subject_cipher(settings)
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=role, principal=REGISTER)
    try:
        with occasions_complete():
            async with connection.transaction():
                yield Lookup(connection, cipher, occasion)
    finally:
        await connection.close()


def subject_cipher(settings: Settings) -> ColumnCipher:
    """Seals and opens the subjects in the access log, each for its look-up."""
    return ColumnCipher(load_key(settings, ACCESS_KEY), table="access_log", column="subjects")


@contextmanager
def occasions_complete() -> Iterator[None]:
    """Turns what a log's constraints refuse into a `Refusal` that names the field."""
    try:
        yield
    except CheckViolationError as error:
        field = (error.constraint_name or "").removesuffix("_check")
        for table in _TABLES:
            field = field.removeprefix(f"{table}_")
        raise Refusal("KRN-LOOKUP", f"{field}: missing or not as an account, a purpose, a case is written") from None
