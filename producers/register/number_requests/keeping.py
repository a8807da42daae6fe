"""Who needs a number, and who does not any more: kept in the transaction that makes it so."""

from collections.abc import Sequence

from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from producers.register.book import Amendment, Entry
from topics.messages.change import RecordState

_SQL = load_queries("producers.register.number_requests", "queries.sql")


async def keep_requests(connection: Connection, entries: Sequence[Entry]) -> None:
    """Ask for residents with a resident code and without My Number; whoever has one or is gone is asked for no longer.

    The changes themselves carry the request: the hub tells it to whom a grant lets it (population unnumbered).
    """
    newest = {entry.amendment.resident: entry for entry in entries}
    needing = sorted(who for who, entry in newest.items() if _needs(entry.amendment))
    if needing:
        await connection.execute(_SQL["ask"], needing)
    over = {who: _end(e.amendment) for who, e in newest.items() if e.history_number > 1 and not _needs(e.amendment)}
    if over:
        await connection.execute(_SQL["over"], list(over), list(over.values()))


async def mark_stuck(connection: Connection, codes: Sequence[tuple[str, str]]) -> None:
    """Of these residents a reply could not be taken, and why; who is not waited for stays as she is."""
    if codes:
        await connection.execute(_SQL["stuck"], [who for who, _ in codes], [code for _, code in codes])


def _needs(amendment: Amendment) -> bool:
    record = amendment.record
    coded = record is not None and record.resident_code is not None and record.my_number is None
    return coded and amendment.state is RecordState.ACTIVE


def _end(amendment: Amendment) -> str:
    return "answered" if amendment.record is not None and amendment.record.my_number is not None else "withdrawn"
