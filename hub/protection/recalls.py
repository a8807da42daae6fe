"""Recalls (回収): who held the address of a person when her protection began, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.databases import HUB_DATABASE
from hub.protection.store import PROTECTION_SQL
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from topics.catalogue import HUB


class Standing(StrEnum):
    """What is known of one holder."""

    ACKNOWLEDGED = "acknowledged"
    WAITING = "waiting"
    REFUSED = "refused"
    NOT_TOLD = "not-told"
    NO_GRANT = "no-grant"


_BY_OUTCOME = {None: Standing.WAITING, "held": Standing.WAITING, "applied": Standing.ACKNOWLEDGED,
               "parked": Standing.REFUSED}  # fmt: skip
_BY_REACH = {"not-told": Standing.NOT_TOLD, "no-grant": Standing.NO_GRANT}


@dataclass(frozen=True, slots=True)
class HeldAddress:
    """One recipient that held one person's address: until when it was to answer, when it did, how that stands.

    `is_late`: it answered after its time, or has not and the time is over.
    """

    municipality: str
    recipient: str
    generation: int
    resident: str
    made_at: datetime
    due_at: datetime | None
    settled_at: datetime | None
    standing: Standing
    is_late: bool

    @property
    def needs_somebody(self) -> bool:
        """Whether somebody must see to it: refused, unanswered too long, or out of a delivery's reach."""
        unanswered = self.standing is Standing.WAITING and self.is_late
        return unanswered or self.standing in (Standing.REFUSED, Standing.NO_GRANT)


async def recalls(settings: Settings) -> list[HeldAddress]:
    """Every recall of every municipality, the oldest first; raises `Refusal`."""
    return [each for municipality in settings.municipalities for each in await _recalls(settings, municipality)]


async def _recalls(settings: Settings, municipality: str) -> list[HeldAddress]:
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role=HUB, principal=HUB)
    try:
        rows = await connection.fetch(PROTECTION_SQL["recalls"])
    finally:
        await connection.close()
    return [
        HeldAddress(
            municipality,
            row["recipient"],
            row["generation"],
            row["addressee_number"],
            row["made_at"],
            row["due_at"],
            row["settled_at"],
            _BY_REACH.get(row["reach"]) or _BY_OUTCOME[row["outcome"]],
            bool(row["is_late"]),
        )
        for row in rows
    ]
