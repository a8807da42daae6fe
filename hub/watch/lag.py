"""How long changes have waited for the end of a window, from the hub's rows, against what each grant allows."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.databases import HUB_DATABASE
from hub.windows.waiting import WINDOWS_SQL
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from topics.catalogue import HUB
from topics.grant import Grant


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one recipient in one municipality: how many changes, the longest wait, and the grant's limit."""

    municipality: str
    recipient: str
    changes: int
    longest_seconds: float
    limit_seconds: float

    @property
    def is_late(self) -> bool:
        """Whether something has waited longer than the grant allows."""
        return self.longest_seconds > self.limit_seconds


async def read_waiting(settings: Settings, grants: Sequence[Grant]) -> list[Waiting]:
    """What waits under `grants` in every municipality, read as the role `hub`."""
    return [each for city in settings.municipalities for each in await _read(settings, city, grants)]


async def _read(settings: Settings, municipality: str, grants: Sequence[Grant]) -> list[Waiting]:
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=HUB, principal=HUB)
    try:
        rows = await connection.fetch(WINDOWS_SQL["longest_waiting"])
    finally:
        await connection.close()
    known = {(row["recipient"], row["generation"]): row for row in rows}
    return [
        Waiting(municipality, grant.recipient, row["count"], row["seconds"], 60.0 * grant.limit_minutes())
        for grant in grants
        if (row := known.get((grant.recipient, grant.generation))) is not None
    ]
