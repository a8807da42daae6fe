"""The secondary copy (副本) for information linkage, kept by link number (団体内統合宛名番号)."""

from collections.abc import Sequence

from consumers.intermediate.code_table import CodeTable
from consumers.kit.fold import fold, tell
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.delivery import Delivery

_SQL = load_queries("consumers.intermediate", "queries.sql")

NO_LINK_NUMBER = "INTERMEDIATE-NO-LINK-NUMBER"


class SecondaryCopy:
    """Rows of `secondary_copy`; the version is the resident's sequence. Codes come and go with the rows."""

    def __init__(self, codes: CodeTable) -> None:
        self._codes = codes

    def check(self, delivery: Delivery) -> str | None:
        """A copy cannot be registered without its link number."""
        return NO_LINK_NUMBER if tell(delivery) and not delivery.link_number else None

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew: what an earlier grant brought is no longer held."""
        gone = await connection.fetch(_SQL["forget"], municipality)
        await self._codes.end(connection, municipality, [row["link_number"] for row in gone])

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Publish the last state of each resident."""
        folded = fold(deliveries)
        if folded.instructed:
            await connection.execute(_SQL["instruct"], municipality, *folded.instructions())
        if folded.gone:
            gone = await connection.fetch(_SQL["drop"], municipality, folded.gone)
            await self._codes.end(connection, municipality, [row["link_number"] for row in gone])
        if folded.kept:
            link_numbers = [row.link_number for row in folded.kept if row.link_number]
            await connection.execute(
                _SQL["put"],
                municipality,
                [row.subject for row in folded.kept],
                [row.sequence for row in folded.kept],
                [row.state.value for row in folded.kept],
                [row.items_json() for row in folded.kept],
                link_numbers,
            )
            await self._codes.issue(connection, municipality, link_numbers)
