"""The welfare department's case view: the persons on its own list, as last told."""

from collections.abc import Sequence

from consumers.kit.fold import fold
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.delivery import Delivery

_SQL = load_queries("consumers.welfare", "queries.sql")


class PersonCopy:
    """Rows of `person`."""

    def __init__(self, _key: bytes) -> None:
        """Nothing the department receives is sealed by column: its grant has no numbers."""

    def check(self, delivery: Delivery) -> str | None:
        """No rule beyond the kit's."""
        return None

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew: what an earlier grant brought is no longer held."""
        await connection.execute(_SQL["forget"], municipality)

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Keep the last state of each person; a tombstone removes the row."""
        folded = fold(deliveries)
        if folded.instructed:
            await connection.execute(_SQL["instruct"], municipality, *folded.instructions())
        if folded.gone:
            await connection.execute(_SQL["drop"], municipality, folded.gone)
        if folded.kept:
            await connection.execute(
                _SQL["put"],
                municipality,
                [row.subject for row in folded.kept],
                [row.sequence for row in folded.kept],
                [row.state.value for row in folded.kept],
                [row.items_json() for row in folded.kept],
            )
