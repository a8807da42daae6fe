"""The authority answers: a number for each request, in the transaction that takes the request in.

A request that comes again is answered again with the same number; the register takes one of them.
"""

from collections.abc import Sequence
from functools import partial

from consumers.kit.fold import Told
from consumers.kit.last_state import LastState, SealedNumbers, places
from consumers.kit.outbox import Draft, enqueue, outbox_cipher
from consumers.numbering.pool import number_for
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.items.identity import IDENTITY_FILE
from topics.messages.delivery import INSTRUCTIONS, Delivery, DeliveryKind
from topics.messages.inbound import NumberReply

_SQL = load_queries("consumers.numbering", "queries.sql")
RESIDENT_CODE = "resident_code"
NO_RESIDENT_CODE = "NUMBERING-NO-RESIDENT-CODE"


class Requests(LastState):
    """Rows of `request`; with `answers` the simulated authority replies, without it keeps silent."""

    def __init__(self, key: bytes, *, answers: bool) -> None:
        super().__init__(_SQL)
        self._key = key
        self._codes = SealedNumbers(key, IDENTITY_FILE.name, (RESIDENT_CODE,))
        self._outbox = outbox_cipher(key)
        self._answers = answers

    def check(self, delivery: Delivery) -> str | None:
        """A request is a resident code."""
        told = isinstance(delivery.items.get(RESIDENT_CODE), str) or not _asks(delivery)
        return None if told else NO_RESIDENT_CODE

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Keep who is asked for, drop who has a number or is gone, and answer every request."""
        await super().apply(connection, municipality, deliveries)
        replies = [self._reply(delivery) for delivery in deliveries if self._answers and _asks(delivery)]
        await enqueue(connection, municipality, replies, self._outbox)

    def _reply(self, delivery: Delivery) -> Draft:
        return partial(
            NumberReply,
            party=delivery.recipient,
            municipality=delivery.municipality,
            generation=delivery.generation,
            answers=delivery.number,
            my_number=number_for(self._key, str(delivery.items[RESIDENT_CODE])),
        )

    def columns(self, rows: Sequence[Told]) -> list[object]:
        """The resident code, and nothing beside it."""
        return [*places(rows), *self._codes.columns(rows)]


def _asks(delivery: Delivery) -> bool:
    return delivery.kind not in {*INSTRUCTIONS, DeliveryKind.TOMBSTONE} and delivery.state == "active"
