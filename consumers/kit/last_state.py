"""A copy that keeps each person's last state in one row; numbers stand sealed in columns of their own."""

from collections.abc import Mapping, Sequence

from consumers.kit.fold import Told, fold
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from topics.messages.delivery import Delivery


class LastState:
    """Written by four statements of the recipient's own: `forget`, `instruct`, `drop` and `put`, each given the
    municipality and then columns."""

    def __init__(self, statements: Mapping[str, str]) -> None:
        self._statements = statements

    def check(self, delivery: Delivery) -> str | None:
        """No rule beyond the kit's."""
        return None

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew: what an earlier grant brought is no longer held."""
        await connection.execute(self._statements["forget"], municipality)

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Keep the last state of each person; who is gone has no row."""
        folded = fold(deliveries)
        if folded.instructed:
            await connection.execute(self._statements["instruct"], municipality, *folded.instructions())
        if folded.gone:
            await connection.execute(self._statements["drop"], municipality, folded.gone)
        if folded.kept:
            await connection.execute(self._statements["put"], municipality, *self.columns(folded.kept))

    def columns(self, rows: Sequence[Told]) -> list[object]:
        """The columns of `put`."""
        return [*places(rows), [row.items_json() for row in rows]]


def places(rows: Sequence[Told]) -> list[object]:
    """The columns that every copy begins with: subject, sequence, state."""
    return [[row.subject for row in rows], [row.sequence for row in rows], [row.state.value for row in rows]]


class SealedNumbers:
    """The columns of numbers: each is bound to `table`, its field and the person's pseudonym, under the recipient's
    key."""

    def __init__(self, key: bytes, table: str, fields: Sequence[str]) -> None:
        self.fields = frozenset(fields)
        self._ciphers = {field: ColumnCipher(key, table=table, column=field) for field in fields}

    def columns(self, rows: Sequence[Told]) -> list[object]:
        """One column for each field, in their order; None where a person is told without."""
        return [[_sealed(cipher, row, field) for row in rows] for field, cipher in self._ciphers.items()]


def _sealed(cipher: ColumnCipher, row: Told, field: str) -> bytes | None:
    number = row.items.get(field)
    return cipher.seal(row.subject, number.encode("ascii")) if isinstance(number, str) else None
