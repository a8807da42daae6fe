"""A store in memory: rows by primary key, transactions that read what is committed, row locks, advisory locks.

It stands for PostgreSQL under READ COMMITTED: a statement sees what was committed when it began and what its own
transaction wrote; who writes a row locks it until the end; a rolled back transaction leaves nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from asyncpg import CheckViolationError, ConnectionDoesNotExistError, UniqueViolationError

from hub.commandline.faults.steps import BlockedError, Moving

Row = dict[str, Any]
Key = tuple[Any, ...]
Written = dict[str, dict[Key, Row | None]]
"""What a transaction wrote: by table and key the row, None where it goes."""
Schema = Mapping[str, tuple[str, ...]]
"""The columns of each table's primary key."""


class Database(Moving):
    """One database; `committed` is told of every commit before anybody sees it: by whom, and the rows written."""

    def __init__(self, name: str, schema: Schema, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__()
        self.name = name
        self.schema = schema
        self.clock = clock
        self.tables: dict[str, dict[Key, Row]] = {table: {} for table in schema}
        self.open: list[Transaction] = []
        self.committed: Callable[[Database, Transaction], None] = lambda _database, _transaction: None
        self.refuses: Callable[[str, Row], bool] = lambda _table, _row: False
        """A constraint of its own: which rows it does not take."""
        self._identities: dict[str, int] = {}

    def rows(self, table: str) -> list[Row]:
        """The committed rows, in the order of their keys."""
        rows = self.tables[table]
        return [rows[key] for key in sorted(rows)]

    def next_identity(self, table: str) -> int:
        """A number of the table's sequence; never given back."""
        self._identities[table] = self._identities.get(table, 0) + 1
        return self._identities[table]

    def begin(self, owner: object = None) -> "Transaction":
        """A transaction of `owner`."""
        transaction = Transaction(self, owner)
        self.open.append(transaction)
        return transaction


@dataclass(eq=False)
class Transaction:
    """What one transaction wrote and locks, until its end."""

    database: Database
    owner: object
    written: Written = field(default_factory=dict)
    locks: set[Key] = field(default_factory=set)
    shares: set[Key] = field(default_factory=set)
    began_at: datetime | None = None
    over: bool = False

    def run(self, statement: Callable[..., Sequence[Row]], *arguments: Any) -> Sequence[Row]:
        """One statement, whole or not at all; raises `BlockedError` while somebody else holds what it needs."""
        self._refuse_if_over()
        self.began_at = self.began_at or self.database.clock()
        view = View(self)
        rows = statement(view, *arguments)
        view.keep()
        return rows

    def saved(self) -> Written:
        """What is written now, to come back to: a savepoint. What is locked after it stays locked until the end."""
        return {table: dict(rows) for table, rows in self.written.items()}

    def commit(self) -> None:
        """Let everybody see what was written; raises what a client sees whose session the server has ended."""
        self._refuse_if_over()
        if self.written:
            self.database.committed(self.database, self)
        for table, rows in self.written.items():
            for key, row in rows.items():
                if row is None:
                    self.database.tables[table].pop(key, None)
                else:
                    self.database.tables[table][key] = row
        self.end()

    def _refuse_if_over(self) -> None:
        if self.over:
            raise ConnectionDoesNotExistError("the server has ended the session")

    def end(self) -> None:
        """Let go of every lock; what was not committed is gone."""
        if not self.over:
            self.over = True
            self.database.open.remove(self)
            if self.locks or self.shares:
                self.database.move()


class View:
    """What one statement sees, and what it writes and locks if it comes to its end."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._database = transaction.database
        self._written: Written = {}
        self._locks: set[Key] = set()
        self._shares: set[Key] = set()

    def get(self, table: str, *key: Any) -> Row | None:
        """The row of this key, or None."""
        for written in (self._written, self._transaction.written):
            rows = written.get(table)
            if rows is not None and key in rows:
                return rows[key]
        return self._database.tables[table].get(key)

    def rows(self, table: str, **wanted: Any) -> Iterator[Row]:
        """The rows with these values, in the order of their keys."""
        seen = self._database.tables[table]
        for written in (self._transaction.written.get(table), self._written.get(table)):
            if written:
                seen = {**seen, **written}  # type: ignore[dict-item]
        for key in sorted(seen):
            row = seen[key]
            if row is not None and all(row[column] == value for column, value in wanted.items()):
                yield row

    def put(self, table: str, row: Row) -> None:
        """Insert or replace a row, which is locked; raises what PostgreSQL raises where a constraint forbids it."""
        if self._database.refuses(table, row):
            raise CheckViolationError(table)
        key = tuple(row[column] for column in self._database.schema[table])
        self.lock(table, *key)
        self._written.setdefault(table, {})[key] = row

    def insert(self, table: str, row: Row) -> None:
        """Insert a row whose key is new; raises what PostgreSQL raises where it is not."""
        if not self.add(table, row):
            raise UniqueViolationError(table)

    def add(self, table: str, row: Row) -> bool:
        """Insert a row unless its key is there (ON CONFLICT DO NOTHING); returns whether it was inserted."""
        key = tuple(row[column] for column in self._database.schema[table])
        if self.get(table, *key) is not None:
            return False
        self.lock(table, *key)
        self._written.setdefault(table, {})[key] = row
        return True

    def change(self, table: str, row: Row, **values: Any) -> Row:
        """Put a row that is there, with other values."""
        changed = {**row, **values}
        self.put(table, changed)
        return changed

    def drop(self, table: str, row: Row) -> None:
        """Delete a row, which is locked."""
        key = tuple(row[column] for column in self._database.schema[table])
        self.lock(table, *key)
        self._written.setdefault(table, {})[key] = None

    def lock(self, *key: Any) -> None:
        """Hold a row (table and key) or an advisory lock alone; raises `BlockedError` while others hold it."""
        for other in self._database.open:
            if other is not self._transaction and (key in other.locks or key in other.shares):
                raise BlockedError(self._database)
        self._locks.add(key)

    def share(self, *key: Any) -> None:
        """Hold an advisory lock together with others who share it."""
        for other in self._database.open:
            if other is not self._transaction and key in other.locks:
                raise BlockedError(self._database)
        self._shares.add(key)

    def now(self) -> datetime:
        """When the transaction began."""
        return self._transaction.began_at or self.clock()

    def clock(self) -> datetime:
        """The time of the wall."""
        return self._database.clock()

    def identity(self, table: str) -> int:
        """A new number for a row of the table."""
        return self._database.next_identity(table)

    def keep(self) -> None:
        """The statement has come to its end."""
        for table, rows in self._written.items():
            self._transaction.written.setdefault(table, {}).update(rows)
        self._transaction.locks |= self._locks
        self._transaction.shares |= self._shares
