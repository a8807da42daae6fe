"""A person's rows together: which is the present state, and which went before it (履歴); pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from producers.intake.findings import IntakeCode as Code
from producers.intake.findings import LineFinding, finding
from producers.intake.rows import SourceRow


@dataclass(frozen=True, slots=True)
class Person:
    """All rows of a person that can be taken; `present` is None where none of them tells the present state."""

    addressee_number: str
    present: SourceRow | None
    former: tuple[SourceRow, ...]
    findings: tuple[LineFinding, ...]


def person_of(rows: Sequence[SourceRow]) -> Person:
    """The person that rows of one addressee number tell of; only the highest version may be the present state."""
    known: dict[tuple[int, int], SourceRow] = {}
    found: list[LineFinding] = []
    for row in rows:
        if row.version in known:
            found.append(finding(row.line, Code.DUPLICATE, "history_number"))
        else:
            known[row.version] = row
    newest = known[max(known)]
    wrong = {row.version for row in known.values() if row.latest and row is not newest}
    found += [finding(known[version].line, Code.LATEST, "latest") for version in sorted(wrong)]
    present = newest if newest.latest else None
    if present is None:
        found.append(finding(newest.line, Code.NO_LATEST, "latest"))
    former = tuple(row for row in known.values() if row is not present and row.version not in wrong)
    return Person(newest.addressee_number, present, former, tuple(found))
