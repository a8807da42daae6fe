"""The prefecture's copy of identity confirmation information (本人確認情報), with its numbers sealed in columns."""

from collections.abc import Sequence

from consumers.kit.fold import Told
from consumers.kit.last_state import LastState, SealedNumbers, places
from consumers.prefecture.forwarding import Forwarding
from consumers.prefecture.registration import broken_rule
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.delivery import Delivery

_SQL = load_queries("consumers.prefecture", "queries.sql")

TABLE = "identity"
SEALED_FIELDS = ("resident_code", "my_number", "former_resident_code")


class IdentityCopy(LastState):
    """Rows of `identity`; items 1, 13 and 24 open only with the prefecture's own key."""

    def __init__(self, key: bytes) -> None:
        super().__init__(_SQL)
        self._numbers = SealedNumbers(key, TABLE, SEALED_FIELDS)
        self._forwarding = Forwarding(key)

    def check(self, delivery: Delivery) -> str | None:
        """The checks of format and logic before registration; the first rule that is broken."""
        return broken_rule(delivery)

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew, and so does the national role."""
        await super().forget(connection, municipality)
        await self._forwarding.begin_anew(connection, municipality)

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Register, and pass on what was registered, in one transaction."""
        await super().apply(connection, municipality, deliveries)
        await self._forwarding.enqueue(connection, municipality, deliveries)

    def columns(self, rows: Sequence[Told]) -> list[object]:
        """Items, and numbers apart from them."""
        items = [row.items_json(without=self._numbers.fields) for row in rows]
        return [*places(rows), items, *self._numbers.columns(rows)]
