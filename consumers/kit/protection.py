"""What a recipient keeps of protections (支援措置): what it was last told of each person."""

from collections.abc import Sequence

from consumers.kit.fold import tell
from infra.runtime.postgres import Connection
from infra.runtime.queries import load_queries
from topics.messages.delivery import Delivery
from topics.messages.protection import ProtectionTold

_SQL = load_queries("consumers.kit", "queries.sql")
_COLUMNS = ("blocked", "status", "level", "begins_on", "ends_on")


async def keep_protections(connection: Connection, municipality: str, deliveries: Sequence[Delivery]) -> None:
    """Keep what `deliveries`, in sequence order for each subject, tell; who is gone takes it along."""
    last = {delivery.subject: delivery for delivery in deliveries}
    gone = {subject for subject, delivery in last.items() if tell(delivery) is None}
    here = [delivery for delivery in deliveries if delivery.subject not in gone]
    told = {d.subject: (d.sequence, d.protection) for d in here if d.protection is not None}
    if gone:
        await connection.execute(_SQL["forget_protections"], municipality, list(gone))
    if told:
        sequences, states = zip(*told.values(), strict=True)
        columns = ([getattr(state, column) for state in states] for column in _COLUMNS)
        await connection.execute(_SQL["keep_protections"], municipality, list(told), list(sequences), *columns)


def is_told(told: ProtectionTold | None, most: str) -> bool:
    """Whether a recipient may be told this; `most` is what its grant allows."""
    if told is None:
        return True
    told_more = told.status is not None or told.level is not None or told.begins_on is not None
    return most == "level-and-period" or (most == "flag" and not told_more)
