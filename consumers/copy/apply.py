"""The copy of a recipient without duties of its own: the last state of each person, numbers sealed in columns."""

from collections.abc import Sequence

from consumers.kit.fold import Told, fold, tell
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.grant import Grant
from topics.messages.delivery import Delivery

_SQL = load_queries("consumers.copy", "queries.sql")

SEALED_FIELDS = ("resident_code", "my_number", "former_resident_code")
NO_LINK_NUMBER = "COPY-NO-LINK-NUMBER"


class GrantedCopy:
    """Rows of `person`, whatever the grant permits; numbers open only with the recipient's own key.

    A sealed number is bound to the granted catalogue, its field and the person's pseudonym.
    """

    def __init__(self, grant: Grant, key: bytes) -> None:
        self._linked = grant.identifier == "link-number"
        self._ciphers = {field: ColumnCipher(key, table=grant.catalogue, column=field) for field in SEALED_FIELDS}

    def check(self, delivery: Delivery) -> str | None:
        """Who knows persons by link numbers cannot keep one without."""
        return NO_LINK_NUMBER if self._linked and tell(delivery) and not delivery.link_number else None

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew: what an earlier grant brought is no longer held."""
        await connection.execute(_SQL["forget"], municipality)

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Keep the last state of each person; who is gone has no row."""
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
            [row.link_number for row in rows],
            *([self._sealed(row, field) for row in rows] for field in SEALED_FIELDS),
        ]

    def _sealed(self, row: Told, field: str) -> bytes | None:
        number = row.items.get(field)
        return self._ciphers[field].seal(row.subject, number.encode("ascii")) if isinstance(number, str) else None
