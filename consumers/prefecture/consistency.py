"""The prefecture compares its copy with the list of what ought to stand there, and has what differs put right."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from pydantic_core import from_json

from consumers.kit.consistency import Compared, Difference, Row, Stands, compare
from consumers.kit.consistency import Lane as Reached
from consumers.kit.gate import ranges
from consumers.kit.lane import Lane
from consumers.kit.outbox import enqueue
from consumers.prefecture.apply import SEALED_FIELDS, TABLE
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.items.identity import IDENTITY_FILE
from topics.messages.consistency import ConsistencyBatch
from topics.messages.inbound import LONGEST_REFUSAL, Redelivery

_SQL = load_queries("consumers.prefecture", "consistency.sql")
_KIT = load_queries("consumers.kit", "queries.sql")
SEQUENCE_ITEM, STATE_ITEM = 29, 35
"""更新順番号 and レコード状況フラグ stand for a row's own sequence and state."""
PLACE_ITEMS = frozenset({1, SEQUENCE_ITEM})
"""By what an update is held against the row: where these are damaged no update could follow, so the row goes first."""


class ConsistencyCheck:
    """Compares one municipality's copy; numbers are opened with the prefecture's own key."""

    def __init__(self, lane: Lane, key: bytes) -> None:
        self._lane = lane
        self._ciphers = {field: ColumnCipher(key, table=TABLE, column=field) for field in SEALED_FIELDS}

    async def compare(self, batches: Sequence[ConsistencyBatch]) -> Compared:
        """What the copy, as it stands at one moment, comes to against the whole list."""
        result = Compared()
        async with self._lane.pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["isolate"])
            reached = await self._reached(connection, batches[0])
            after = ""
            for batch in batches:
                last = batch.residents[-1].subject if batch.batch < batch.batches else None
                rows = await connection.fetch(_SQL["standing"], self._lane.municipality, after, last)
                compare(reached, batch, {row["subject"]: self._stands(row) for row in rows}, result)
                after = last or after
        return result

    async def repair(self, differences: Sequence[Difference]) -> None:
        """Ask that whoever is missing or different be told anew, and drop who ought not to be there: one transaction,
        between two batches of deliveries."""
        lane = self._lane
        async with lane.pool.acquire() as connection, connection.transaction():
            await connection.fetchval(_KIT["lock_offset"], lane.topic, lane.partition)
            gone = [each for each in differences if each.kind == "surplus" or PLACE_ITEMS & set(each.items)]
            columns = ([each.subject for each in gone], [each.gate for each in gone])
            await connection.execute(_SQL["drop"], lane.municipality, *columns)
            wrong = {each.number for each in differences if each.kind != "surplus" and each.number is not None}
            spans = ranges(wrong, longest=LONGEST_REFUSAL)
            place = {"party": lane.terms.recipient, "municipality": lane.municipality}
            anew = partial(Redelivery, **place, generation=lane.terms.generation)
            drafts = [partial(anew, first=span.start, last=span.stop - 1) for span in spans]
            await enqueue(connection, lane.municipality, drafts)

    async def _reached(self, connection: Connection, batch: ConsistencyBatch) -> Reached:
        place = (self._lane.municipality, self._lane.terms.generation)
        missing = await connection.fetch(_SQL["missing"], *place)
        return Reached(
            reached=await connection.fetchval(_SQL["reached"], *place) or 0,
            missing=frozenset(row["number"] for row in missing),
            fields=IDENTITY_FILE.fields(batch.items),
            sequence_item=SEQUENCE_ITEM,
            state_item=STATE_ITEM,
        )

    def _stands(self, row: Any) -> Stands:
        told = None if row["items"] is None else Row(row["sequence"], row["state"], self._items(row))
        return Stands(row["gate"], row["kept_back"], told)

    def _items(self, row: Any) -> dict[str, Any]:
        opened = {field: self._opened(row, field) for field in SEALED_FIELDS}
        return {**from_json(row["items"]), **opened}

    def _opened(self, row: Any, field: str) -> str | None:
        """The number; what does not open (a row that was altered by hand, or moved) is none."""
        sealed = row[f"sealed_{field}"]
        if sealed is None:
            return None
        try:
            return self._ciphers[field].open(row["subject"], sealed).decode("ascii")
        except ValueError:
            return None
