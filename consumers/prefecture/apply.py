"""The prefecture's copy of identity confirmation information (本人確認情報), with its numbers sealed in columns."""

from collections.abc import Sequence

from consumers.kit.fold import Told, fold
from consumers.prefecture.registration import broken_rule
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.delivery import Delivery

_SQL = load_queries("consumers.prefecture", "queries.sql")

TABLE = "identity"
SEALED_FIELDS = ("resident_code", "my_number", "former_resident_code")


class IdentityCopy:
    """Rows of `identity`; items 1, 13 and 24 open only with the prefecture's own key."""

    def __init__(self, key: bytes) -> None:
        self._ciphers = tuple(ColumnCipher(key, table=TABLE, column=field) for field in SEALED_FIELDS)
        self._sealed = frozenset(SEALED_FIELDS)

    def check(self, delivery: Delivery) -> str | None:
        """The checks of format and logic before registration; the first rule that is broken."""
        return broken_rule(delivery)

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew: what an earlier grant brought is no longer held."""
        await connection.execute(_SQL["forget"], municipality)

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Keep the last state of each resident."""
        folded = fold(deliveries)
        if folded.instructed:
            await connection.execute(_SQL["instruct"], municipality, *folded.instructions())
        if folded.gone:
            await connection.execute(_SQL["drop"], municipality, folded.gone)
        if folded.kept:
            await connection.execute(_SQL["put"], municipality, *self._columns(folded.kept))

    def _columns(self, rows: Sequence[Told]) -> list[object]:
        return [
            [row.subject for row in rows],
            [row.sequence for row in rows],
            [row.state.value for row in rows],
            [row.items_json(without=self._sealed) for row in rows],
            *(
                [_seal(cipher, row, field) for row in rows]
                for cipher, field in zip(self._ciphers, SEALED_FIELDS, strict=True)
            ),
        ]


def _seal(cipher: ColumnCipher, row: Told, field: str) -> bytes | None:
    number = row.items.get(field)
    return cipher.seal(row.subject, number.encode("ascii")) if isinstance(number, str) else None
