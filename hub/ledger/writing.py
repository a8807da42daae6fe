"""Entering: the next entries of one municipality's ledger, in the transaction that causes them."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple, Self

from hub.store import SQL
from infra.runtime.postgres import Connection
from topics.ledger.entry import SALT_BYTES, EntryKind, canonical, commitment, moment
from topics.ledger.note import origin_of


class Row(NamedTuple):
    """An entry as kept `at` its index; `subject` (an addressee number, 宛名番号) and `salt` stand beside the text."""

    at: int
    entry: str
    subject: str | None
    salt: bytes | None


COLUMNS = ("index", "entry", "addressee_number", "salt")


class Ledger:
    """Takes entries, which are saved together. Times never go backwards, whatever the clock does."""

    def __init__(self, origin: str, size: int, time: datetime) -> None:
        self.time = time
        self.rows: list[Row] = []
        self._origin = origin
        self._size = size

    @classmethod
    def at(cls, origin: str, size: int, last: datetime) -> Self:
        """The ledger of `size` entries, of which the last was entered at `last`."""
        return cls(origin, size, max(last, datetime.now(UTC)))

    def enter(self, kind: EntryKind, body: Mapping[str, object], subject: str | None = None) -> None:
        """The next entry; `subject` is whom it is about."""
        index = self._size + len(self.rows)
        told = {**body, "log": self._origin, "index": index, "kind": kind.value, "time": moment(self.time)}
        salt = None
        if subject is not None:
            salt = os.urandom(SALT_BYTES)
            told["subject"] = commitment(salt, subject)
        self.rows.append(Row(index, canonical(told), subject, salt))

    async def save(self, connection: Connection) -> None:
        """Write what was entered; the head has been locked since the ledger was opened."""
        if self.rows:
            await connection.copy_records_to_table("ledger_entry", records=self.rows, columns=COLUMNS)
            await connection.execute(SQL["advance_ledger"], self._size + len(self.rows), self.time)


async def open_ledger(connection: Connection, environment: str, municipality: str) -> Ledger:
    """The ledger at its present size; the head must be locked."""
    (head,) = await connection.fetch(SQL["ledger_head"])
    return Ledger.at(origin_of(environment, municipality), head["size"], head["time"])
