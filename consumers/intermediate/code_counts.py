"""How many link codes there are, as the auditor may know it: counts, and no code."""

from dataclasses import dataclass

from consumers.intermediate.code_table import SQL
from consumers.intermediate.rotation import ROLE
from consumers.kit.connection import rows_of
from infra.runtime.settings import Settings
from topics.catalogue import AUDITOR


@dataclass(frozen=True, slots=True)
class CodeCount:
    """One institution's epoch in one municipality: codes valid now; open ones of nobody in the copy; persons in the
    copy who should have one and do not."""

    municipality: str
    institution: str
    epoch: int
    valid: int
    orphaned: int
    missing: int

    @property
    def is_whole(self) -> bool:
        """Whether exactly the persons in the copy have a code."""
        return self.orphaned == self.missing == 0


async def code_counts(settings: Settings) -> list[CodeCount]:
    """The counts of every served municipality; raises `Refusal` when a database is not there."""
    return [CodeCount(*tuple(row)) for row in await rows_of(settings, ROLE, SQL["counts"], role=AUDITOR)]
