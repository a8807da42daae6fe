"""The windows on the broker: a Faust table of sealed facts, each written once; what the rules ask is derived."""

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import faust

from hub.watch.access.memory import FACT, Fact, Memory
from infra.runtime.column_cipher import ColumnCipher
from topics.partitions import partition_of


class DurableTable(faust.Table[bytes, bytes]):
    """A table that can be asked whether the broker has what was written: Faust commits without asking."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._sent: list[Any] = []

    def partition_for_key(self, key: bytes) -> int:
        """A municipality's facts lie in its partition, as its entries do; whoever writes them, and whenever."""
        return partition_of(key.decode("ascii").partition("/")[0])

    def send_changelog(self, *args: Any, **options: Any) -> Any:
        """Send a change, and remember to wait for it."""
        future = super().send_changelog(*args, **options)
        self._sent.append(future)
        return future

    async def confirmed(self) -> None:
        """Return when everything written so far is on the broker; raises what kept it from it."""
        sent, self._sent = self._sent, []
        await asyncio.gather(*sent)


class Windows:
    """The memories of the municipalities whose partitions this process holds."""

    def __init__(self, table: DurableTable, key: bytes) -> None:
        self._table = table
        self._cipher = ColumnCipher(key, table="access.windows", column="fact")
        self.memories: dict[str, Memory] = {}

    def restore(self, municipalities: Iterable[str]) -> None:
        """Begin anew from the table; raises ValueError for what another key has sealed."""
        self.memories = {municipality: Memory() for municipality in municipalities}
        for key, sealed in list(self._table.items()):
            row = key.decode("ascii")
            memory = self.memories.get(row.partition("/")[0])
            if memory is not None:
                memory.remember(FACT.validate_json(self._cipher.open(row, sealed)))

    def keep(self, municipality: str, facts: Iterable[Fact]) -> None:
        """Write facts; ask for `confirmed` afterwards."""
        for fact in facts:
            row = _row(municipality, fact.event_id)
            self._table[row.encode("ascii")] = self._cipher.seal(row, fact.to_wire())

    def drop(self, municipality: str, ids: Iterable[UUID]) -> None:
        """Delete facts; those that are not there are passed over."""
        for event_id in ids:
            key = _row(municipality, event_id).encode("ascii")
            if key in self._table:
                del self._table[key]

    async def confirmed(self) -> None:
        """Return when the broker has all of it."""
        await self._table.confirmed()


def _row(municipality: str, event_id: UUID) -> str:
    return f"{municipality}/{event_id}"
