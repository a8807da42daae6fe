"""The national role's copy of identity confirmation information: numbers sealed in columns, under its own key."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json, to_json

from consumers.jlis.tier.taking import Taken
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.forwarding import Registration

_SQL = load_queries("consumers.jlis.tier", "queries.sql")
TABLE = "registered"
NUMBERS = ("resident_code", "my_number", "former_resident_code")


class Register:
    """Rows of `registered`."""

    def __init__(self, key: bytes) -> None:
        self._ciphers = {field: ColumnCipher(key, table=TABLE, column=field) for field in NUMBERS}

    def code_index(self, resident_code: str) -> bytes:
        """By what a resident code is found."""
        return self._ciphers["resident_code"].blind_index(resident_code.encode("ascii"))

    async def keep(self, connection: Connection, municipality: str, taken: Taken) -> None:
        """Write what a batch came to, within the caller's transaction."""
        if taken.anew:
            await connection.execute(_SQL["forget"], municipality)
        await connection.execute(_SQL["drop"], municipality, taken.gone)
        await connection.execute(_SQL["put"], municipality, *self._columns(taken.kept))
        gaps = ([first for first, _ in taken.gaps], [last for _, last in taken.gaps])
        await connection.execute(_SQL["gap"], municipality, *gaps)
        await connection.execute(_SQL["reach"], municipality, taken.next_number)

    def items(self, row: Any) -> dict[str, Any]:
        """All items of a row, numbers opened: what the role may answer with."""
        opened = {
            field: cipher.open(row["subject"], row[f"sealed_{field}"]).decode("ascii")
            for field, cipher in self._ciphers.items()
            if row[f"sealed_{field}"] is not None
        }
        return {**from_json(row["items"]), **opened}

    def _columns(self, rows: Sequence[Registration]) -> list[list[Any]]:
        return [
            [row.subject for row in rows],
            [row.number for row in rows],
            [row.sequence for row in rows],
            [row.state.value for row in rows],
            [_without_numbers(row) for row in rows],
            [self._index(row) for row in rows],
            *([_sealed(cipher, row, field) for row in rows] for field, cipher in self._ciphers.items()),
        ]

    def _index(self, row: Registration) -> bytes | None:
        code = row.items.get("resident_code")
        return self.code_index(code) if isinstance(code, str) else None


def _without_numbers(row: Registration) -> str:
    return to_json({field: value for field, value in row.items.items() if field not in NUMBERS}).decode()


def _sealed(cipher: ColumnCipher, row: Registration, field: str) -> bytes | None:
    number = row.items.get(field)
    return cipher.seal(row.subject, number.encode("ascii")) if isinstance(number, str) else None
