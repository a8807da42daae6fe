"""What the prefecture registers it passes on (住民基本台帳法第30条の7).

Rows for the national role are written in the transaction that registers. They wait sealed, since they hold numbers, and
are numbered 1..n without gap for each municipality.
"""

from collections.abc import Callable, Sequence
from functools import partial

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.change import RecordState
from topics.messages.delivery import INSTRUCTIONS, Delivery, DeliveryKind
from topics.messages.forwarding import Anew, Forwarded, Registration

SQL = load_queries("consumers.prefecture", "forwarding.sql")
TABLE = "forward_outbox"

Draft = Callable[..., Forwarded]
"""A message that still lacks its `number`."""


class Forwarding:
    """The outbox to the national role, under the prefecture's own key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = ColumnCipher(key, table=TABLE, column="sealed_message")
        self._subjects = ColumnCipher(key, table=TABLE, column="subject")

    async def enqueue(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Pass on every state that was registered, in order; an instruction on a row is none."""
        states = [each for each in deliveries if each.kind not in INSTRUCTIONS]
        await self._store(connection, municipality, [self._registration(each) for each in states])

    async def begin_anew(self, connection: Connection, municipality: str) -> None:
        """Pass on that everybody is forgotten, and told anew."""
        await self._store(connection, municipality, [partial(Anew, municipality=municipality)])

    def opened(self, municipality: str, number: int, sealed: bytes) -> bytes:
        """The words of a row."""
        return self._cipher.open(_row(municipality, number), sealed)

    async def _store(self, connection: Connection, municipality: str, drafts: Sequence[Draft]) -> None:
        if not drafts:
            return
        last: int = await connection.fetchval(SQL["allot"], municipality, len(drafts))
        numbers = range(last - len(drafts) + 1, last + 1)
        sealed = [
            self._cipher.seal(_row(municipality, number), draft(number=number).to_wire())
            for number, draft in zip(numbers, drafts, strict=True)
        ]
        await connection.execute(SQL["enqueue"], municipality, list(numbers), sealed)

    def _registration(self, delivery: Delivery) -> Draft:
        gone = delivery.state is RecordState.ABSENT or delivery.kind is DeliveryKind.TOMBSTONE
        return partial(
            Registration,
            municipality=delivery.municipality,
            subject=self._subjects.blind_index(delivery.subject.encode()).hex(),
            sequence=delivery.sequence,
            state=RecordState.ABSENT if gone else delivery.state,
            items={} if gone else delivery.items,
        )


def _row(municipality: str, number: int) -> str:
    return f"{municipality}/{number}"
