"""The office's copy: one row for each person by addressee number (宛名番号), under change numbers of its own."""

from collections.abc import Sequence

from consumers.kit.fold import Told, fold, tell
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.delivery import Delivery

SQL = load_queries("consumers.addressee", "queries.sql")

NO_ADDRESSEE_NUMBER = "ADDRESSEE-NO-ADDRESSEE-NUMBER"


class AddresseeCopy:
    """Rows of `person`; each that is written takes the next change number."""

    def check(self, delivery: Delivery) -> str | None:
        """Persons are filed by addressee number: nobody can be without one."""
        known = delivery.items.get("addressee_number")
        return NO_ADDRESSEE_NUMBER if tell(delivery) and not isinstance(known, str) else None

    async def forget(self, connection: Connection, municipality: str) -> None:
        """Begin anew: what an earlier grant brought is no longer held, and no difference reaches back beyond this."""
        await connection.execute(SQL["forget"], municipality)

    async def apply(self, connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
        """Keep the last state of each person; of who is gone, that."""
        folded = fold(deliveries)
        count = len(folded.kept) + len(folded.gone) + len(folded.instructed)
        last: int = await connection.fetchval(SQL["count"], municipality, count)
        changes = range(last - count + 1, last + 1)
        if folded.instructed:
            instructed = changes[len(folded.kept) + len(folded.gone) :]
            await connection.execute(SQL["instruct"], municipality, *folded.instructions(), instructed)
        if folded.gone:
            taken_out = changes[len(folded.kept) : len(folded.kept) + len(folded.gone)]
            await connection.execute(SQL["take_out"], municipality, folded.gone, taken_out)
        if folded.kept:
            await connection.execute(SQL["put"], municipality, *_columns(folded.kept, changes))


def _columns(rows: Sequence[Told], changes: range) -> list[object]:
    return [
        [row.subject for row in rows],
        [row.items["addressee_number"] for row in rows],
        [row.sequence for row in rows],
        [row.state.value for row in rows],
        [row.items_json() for row in rows],
        changes[: len(rows)],
    ]
