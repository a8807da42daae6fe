"""Look-ups of residents: each leaves a row in the access log, in the transaction that reads the answer."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from asyncpg import CheckViolationError

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.keys import ACCESS_KEY, derive, load_key, pseudonym
from infra.runtime.postgres import Connection, connect
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from topics.catalogue import REGISTER, access_topic

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


Pseudonymous = Callable[[str], str]
"""From an addressee number to the pseudonym under which the analysis of the access log knows its resident."""


class Lookup:
    """One look-up, within its transaction: what is asked, and then whom the answer is about."""

    def __init__(
        self, connection: Connection, cipher: ColumnCipher, pseudonymous: Pseudonymous, occasion: Occasion
    ) -> None:
        self.id: UUID = uuid4()
        self.connection = connection
        self._cipher = cipher
        self._pseudonymous = pseudonymous
        self._occasion = occasion

    async def ask(self, query: str, *arguments: object) -> list[Any]:
        """The answer's rows; the look-up is logged with them."""
        rows: list[Any] = await self.connection.fetch(_SQL[query], self.id, *self._occasion.told(), *arguments)
        return rows

    async def tell(self, subjects: Sequence[str]) -> None:
        """Whom the answer is about, by addressee number; without it nothing can be committed.

        The analysis is told in the same transaction, by pseudonym.
        """
        sealed = [self._cipher.seal(str(self.id), subject.encode("ascii")) for subject in subjects]
        told = [self._pseudonymous(subject) for subject in subjects]
        await self.connection.execute(_SQL["tell_subjects"], self.id, list(subjects), sealed, told)


@asynccontextmanager
async def looking_up(settings: Settings, municipality: str, role: str, occasion: Occasion) -> AsyncIterator[Lookup]:
    """A look-up in one transaction of the register's database as `role`; raises `Refusal`.

    What the block found may be used once the block is left: the log is committed then.
    """
    cipher, pseudonymous = subject_cipher(settings), subject_pseudonyms(settings, municipality)
    name = REGISTER_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=role, principal=REGISTER)
    try:
        with occasions_complete():
            async with connection.transaction():
                yield Lookup(connection, cipher, pseudonymous, occasion)
    finally:
        await connection.close()


def subject_cipher(settings: Settings) -> ColumnCipher:
    """Seals and opens the subjects in the access log, each for its look-up."""
    return ColumnCipher(load_key(settings, ACCESS_KEY), table="access_log", column="subjects")


def subject_pseudonyms(settings: Settings, municipality: str) -> Pseudonymous:
    """How residents of the municipality are called in the access log's topic, and nowhere else."""
    key = derive(load_key(settings, ACCESS_KEY), "access-pseudonym")
    return partial(pseudonym, key, access_topic(settings.environment), municipality)


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
