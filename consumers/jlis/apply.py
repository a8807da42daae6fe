"""The delivery address file (送付先情報ファイル) as J-LIS keeps it, with its numbers sealed in columns."""

from collections.abc import Sequence

from consumers.kit.fold import Told, fold
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.items.delivery_address import DELIVERY_ADDRESS_FILE
from topics.items.measures import measured
from topics.messages.delivery import Delivery
from topics.text.character_sets import character_set

_SQL = load_queries("consumers.jlis", "queries.sql")
_SHOWN = character_set("jis-x-0213")

SEALED_FIELDS = ("resident_code", "my_number")
MEASURE = "JLIS-MEASURE"


class DeliveryAddresses:
    """Rows of `delivery_address`; items 38 and 50 open only with J-LIS's own key."""

    def __init__(self, key: bytes) -> None:
        table = DELIVERY_ADDRESS_FILE.name
        self._ciphers = tuple(ColumnCipher(key, table=table, column=field) for field in SEALED_FIELDS)

    def check(self, delivery: Delivery) -> str | None:
        """Format check (フォーマットチェック): lengths, counts of gaiji and substitutes are those of the texts told."""
        made = measured(DELIVERY_ADDRESS_FILE, delivery.items, _SHOWN)
        told = {field: tuple(value) if isinstance(value, list) else value for field, value in delivery.items.items()}
        return None if made == told else MEASURE

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew: what an earlier grant brought is no longer held."""
        await connection.execute(_SQL["forget"], municipality)

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Keep the last state of each resident; who is gone has no row."""
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
            [row.items_json(without=frozenset(SEALED_FIELDS)) for row in rows],
            *(
                [_seal(cipher, row, field) for row in rows]
                for cipher, field in zip(self._ciphers, SEALED_FIELDS, strict=True)
            ),
        ]


def _seal(cipher: ColumnCipher, row: Told, field: str) -> bytes | None:
    number = row.items.get(field)
    return cipher.seal(row.subject, number.encode("ascii")) if isinstance(number, str) else None
