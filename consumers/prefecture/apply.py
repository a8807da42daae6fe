"""The prefecture's copy of identity confirmation information (本人確認情報), with its numbers sealed in columns."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from consumers.kit.fold import Told, tell
from consumers.kit.last_state import LastState, SealedNumbers, places
from consumers.prefecture.forwarding import Forwarding
from consumers.prefecture.registration import Items, broken_rule
from consumers.prefecture.updates import Counts, Registered, Update, register
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.delivery import INSTRUCTIONS, Delivery

_SQL = load_queries("consumers.prefecture", "queries.sql")

TABLE = "identity"
SEALED_FIELDS = ("resident_code", "my_number", "former_resident_code")


class Codes:
    """Resident codes as keyed digests: all that is needed to hold one against another."""

    def __init__(self, key: bytes) -> None:
        self._cipher = ColumnCipher(key, table=TABLE, column="resident_code")

    def update(self, delivery: Delivery) -> Update:
        """What the delivery says of its place; nothing where it tells of a person who is gone."""
        told: Items = {} if tell(delivery) is None else delivery.items
        code, former = self._index(told.get("resident_code")), self._index(told.get("former_resident_code"))
        regular, abnormal = told.get("update_sequence"), told.get("abnormal_update_sequence")
        counts = None if regular is None else (regular, abnormal or 0)
        return Update(delivery.subject, delivery.sequence, code, former, counts)

    def registered(self, row: Any, closed: Mapping[bytes, Counts], mark: str | None) -> Registered:
        """Where a record stands by its rows, of which each may be missing."""
        if row is None:
            return Registered(closed=closed, mark=mark)
        sealed, counts = row["code"], (row["regular"] or 0, row["abnormal"] or 0)
        code = None if sealed is None else self._cipher.blind_index(self._cipher.open(row["subject"], sealed))
        return Registered(row["sequence"], code, counts, closed, mark)

    def _index(self, code: Any) -> bytes | None:
        return self._cipher.blind_index(code.encode()) if isinstance(code, str) else None


class IdentityCopy(LastState):
    """Rows of `identity`; items 1, 13 and 24 open only with the prefecture's own key."""

    def __init__(self, key: bytes) -> None:
        super().__init__(_SQL)
        self._numbers = SealedNumbers(key, TABLE, SEALED_FIELDS)
        self._codes = Codes(key)
        self._forwarding = Forwarding(key)

    def check(self, delivery: Delivery) -> str | None:
        """The checks of format and logic before registration; the first rule that is broken."""
        return broken_rule(delivery)

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew, and so does the national role."""
        await super().forget(connection, municipality)
        await self._forwarding.begin_anew(connection, municipality)

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Hold each update against what is registered, keep the last state, pass all on; raises `BrokenRuleError`."""
        updates = [self._codes.update(each) for each in deliveries if each.kind not in INSTRUCTIONS]
        standing = await self._standing(connection, municipality, {update.subject for update in updates})
        closed = register(standing, updates)
        if closed:
            rows = [(each.subject, each.code, *each.counts) for each in closed]
            await connection.execute(_SQL["close"], municipality, *map(list, zip(*rows, strict=True)))
        await super().apply(connection, municipality, deliveries)
        await self._forwarding.enqueue(connection, municipality, deliveries)

    async def _standing(
        self, connection: Connection, municipality: str, subjects: Collection[str]
    ) -> dict[str, Registered]:
        """Where the records of these persons stand."""
        closed: dict[str, dict[bytes, Counts]] = defaultdict(dict)
        asked = (municipality, list(subjects))
        for row in await connection.fetch(_SQL["closed"], *asked):
            closed[row["subject"]][row["code_index"]] = (row["regular"], row["abnormal"])
        rows = {row["subject"]: row for row in await connection.fetch(_SQL["registered"], *asked)}
        marks = {row["subject"]: row["mark"] for row in await connection.fetch(_SQL["marks"], *asked)}
        return {
            subject: self._codes.registered(rows.get(subject), closed.get(subject, {}), marks.get(subject))
            for subject in {*closed, *rows, *marks}
        }

    def columns(self, rows: Sequence[Told]) -> list[object]:
        """Items, and numbers apart from them."""
        items = [row.items_json(without=self._numbers.fields) for row in rows]
        return [*places(rows), items, *self._numbers.columns(rows)]
