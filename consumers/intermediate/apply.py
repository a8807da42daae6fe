"""The secondary copy (副本) for information linkage, kept by link number (団体内統合宛名番号)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from consumers.intermediate.code_table import CodeTable
from consumers.kit.fold import Told, fold, tell
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.delivery import Delivery

_SQL = load_queries("consumers.intermediate", "queries.sql")

NO_LINK_NUMBER = "INTERMEDIATE-NO-LINK-NUMBER"
CEASED_PUBLISHED = timedelta(days=5 * 365)
"""How long the last state of a person who is gone stays published (公開終了日); synthetic: the law's table is not
public."""


class SecondaryCopy:
    """Rows of `secondary_copy`; the version is the resident's sequence. Codes come and go with the rows, and every
    registration and deletion (登録・削除区分) leaves a row of `registration` with version and publication period."""

    def __init__(self, codes: CodeTable) -> None:
        self._codes = codes

    def check(self, delivery: Delivery) -> str | None:
        """A copy cannot be registered without its link number."""
        return NO_LINK_NUMBER if tell(delivery) and not delivery.link_number else None

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew: what an earlier grant brought is no longer held."""
        await self._delete(connection, municipality, await connection.fetch(_SQL["forget"], municipality))

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Publish the last state of each resident."""
        folded = fold(deliveries)
        if folded.gone:
            await self._delete(
                connection, municipality, await connection.fetch(_SQL["drop"], municipality, folded.gone)
            )
        told = [row.link_number for row in folded.kept if row.link_number]
        again: list[str] = []
        if folded.instructed:
            rows = await connection.fetch(_SQL["instruct"], municipality, *folded.instructions())
            again = [row["link_number"] for row in rows]
        if folded.kept:
            await self._put(connection, municipality, folded.kept, told)
        if told or again:
            subjects = [*(row.subject for row in folded.kept), *(row.subject for row in folded.instructed)]
            await connection.execute(_SQL["end_registrations"], municipality, [*told, *again])
            await connection.execute(_SQL["register"], municipality, subjects)

    async def _put(self, connection: Connection, municipality: str, kept: Sequence[Told], numbers: list[str]) -> None:
        await connection.execute(
            _SQL["put"],
            municipality,
            [row.subject for row in kept],
            [row.sequence for row in kept],
            [row.state.value for row in kept],
            [row.items_json() for row in kept],
            numbers,
            CEASED_PUBLISHED,
        )
        await self._codes.issue(connection, municipality, numbers)

    async def _delete(self, connection: Connection, municipality: str, rows: Sequence[Any]) -> None:
        """What was in `rows` is deleted: its publication ends, and so do its codes."""
        if rows:
            numbers, versions = [row["link_number"] for row in rows], [row["version"] for row in rows]
            await connection.execute(_SQL["end_registrations"], municipality, numbers)
            await connection.execute(_SQL["delete_registrations"], municipality, numbers, versions)
            await self._codes.end(connection, municipality, numbers)
