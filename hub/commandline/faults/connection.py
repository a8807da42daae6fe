"""Pools and connections of the store in memory, in the shape in which the product uses asyncpg's.

A statement is known by its text: what the ``.sql`` files say is written a second time under ``statements/``.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from hub.commandline.faults.statements.table import Handler, Known
from hub.commandline.faults.steps import CURRENT, Steps
from hub.commandline.faults.tables import Database, Row, Transaction, View, Written


class Record(dict[str, Any]):
    """A row of an answer; as asyncpg's, it yields its values."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values())


class MemoryConnection:
    """One connection; outside a transaction every statement is one."""

    def __init__(self, database: Database, steps: Steps, known: Known) -> None:
        self._database = database
        self._steps = steps
        self._known = known
        self.current: Transaction | None = None

    async def fetch(self, text: str, *arguments: Any) -> list[Row]:
        """All rows of the answer."""
        name, handler = self._known.named(text)
        return [Record(row) for row in await self._run(name, handler, *arguments)]

    async def fetchrow(self, text: str, *arguments: Any) -> Row | None:
        """The first row, or None."""
        rows = await self.fetch(text, *arguments)
        return rows[0] if rows else None

    async def fetchval(self, text: str, *arguments: Any) -> Any:
        """The first value of the first row, or None."""
        row = await self.fetchrow(text, *arguments)
        return None if row is None else next(iter(row.values()))

    async def execute(self, text: str, *arguments: Any) -> None:
        """The statement for its effect."""
        await self.fetch(text, *arguments)

    async def copy_records_to_table(
        self, table: str, *, records: Iterable[Sequence[Any]], columns: Sequence[str]
    ) -> None:
        """Insert rows."""
        insert, rows = self._known.copies[table], [dict(zip(columns, row, strict=True)) for row in records]

        def copy(view: View) -> Sequence[Row]:
            for row in rows:
                insert(view, row)
            return ()

        await self._run(f"copy {table}", copy)

    def transaction(self) -> "MemoryTransaction":
        """A transaction, or a savepoint within the one that there is."""
        return MemoryTransaction(self)

    def begin(self) -> Transaction:
        """The transaction in which statements run from now on."""
        self.current = self._database.begin(CURRENT.get(None))
        return self.current

    async def commit(self, transaction: Transaction) -> None:
        """Let everybody see what was written."""
        await self._steps.take("database", "commit", transaction.commit)

    async def _run(self, name: str, handler: Handler, *arguments: Any) -> Sequence[Row]:
        transaction = self.current
        if transaction is not None:
            return await self._steps.take("database", name, lambda: transaction.run(handler, *arguments))
        owner = CURRENT.get(None)
        return await self._steps.take("database", name, lambda: self._alone(owner, handler, *arguments))

    def _alone(self, owner: object, handler: Handler, *arguments: Any) -> Sequence[Row]:
        transaction = self._database.begin(owner)
        try:
            rows = transaction.run(handler, *arguments)
            transaction.commit()
        finally:
            transaction.end()
        return rows


class MemoryTransaction:
    """What happens within is seen by others at once, at the end, or never; one within another is undone alone."""

    def __init__(self, connection: MemoryConnection) -> None:
        self._connection = connection
        self._mine: Transaction | None = None
        self._saved: Written = {}

    async def start(self) -> None:
        """Begin."""
        if self._connection.current is None:
            self._mine = self._connection.begin()
        else:
            self._saved = self._connection.current.saved()

    async def commit(self) -> None:
        """End it; of one within another everything stays to be seen to its end."""
        if self._mine is not None:
            try:
                await self._connection.commit(self._mine)
            finally:
                await self.rollback()

    async def rollback(self) -> None:
        """End it, and leave nothing of what was not committed."""
        if self._mine is not None:
            self._mine.end()
            self._connection.current = None
        elif self._connection.current is not None:
            self._connection.current.written = self._saved

    async def __aenter__(self) -> None:
        await self.start()

    async def __aexit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        await (self.commit() if kind is None else self.rollback())


class MemoryPool:
    """As many connections as are asked for."""

    def __init__(self, database: Database, steps: Steps, known: Known) -> None:
        self.database = database
        self._steps = steps
        self._known = known

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[MemoryConnection]:
        """A connection of one's own."""
        yield self._connection()

    async def fetch(self, text: str, *arguments: Any) -> list[Row]:
        """All rows of the answer."""
        return await self._connection().fetch(text, *arguments)

    async def fetchval(self, text: str, *arguments: Any) -> Any:
        """The first value of the first row, or None."""
        return await self._connection().fetchval(text, *arguments)

    async def execute(self, text: str, *arguments: Any) -> None:
        """The statement for its effect."""
        await self._connection().execute(text, *arguments)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _connection(self) -> MemoryConnection:
        return MemoryConnection(self.database, self._steps, self._known)
