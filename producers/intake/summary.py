"""What an intake came to: how far it is, what was found by code, and whom the file does not tell of."""

from dataclasses import dataclass

from producers.intake.report import Count, counts_by_code, not_in_file
from producers.intake.service import Intake, Standing


@dataclass(frozen=True, slots=True)
class Summary:
    """For people and programs; `not_in_file` is only counted for a full file."""

    standing: Standing
    findings: list[Count]
    not_in_file: int


async def summarize(intake: Intake, file: bytes) -> Summary:
    """The summary of a file that was taken in."""
    standing = await intake.standing(file)
    absent = await not_in_file(intake.register, file) if standing.kind == "full" else 0
    return Summary(standing, await counts_by_code(intake.register, file), absent)
