"""What of a batch can be taken, given what came before of its persons: once a file, and never back to older; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from producers.intake.batches import Batch
from producers.intake.findings import IntakeCode as Code
from producers.intake.findings import LineFinding, finding
from producers.intake.persons import Person
from producers.intake.rows import SourceRow
from producers.register.takeover import Takeover
from topics.reasons import reason_code

Version = tuple[int, int]
Row = Any
"""A row of `intake_person`."""


_NAMESPACE = UUID("7d0c5a52-6c3f-5b52-9d3c-0f6d0b9f6a11")

Kind = Literal["full", "difference"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that rows are from: its keyed digest, and whether it has everybody (全件) or what changed (異動差分)."""

    file: bytes
    kind: Kind

    def filing_of(self, line: int) -> UUID:
        """The same line of the same file is the same filing, however often it is read."""
        return uuid5(_NAMESPACE, f"{self.file.hex()}/{line}")

    def reason_of(self, row: SourceRow) -> str:
        """Who comes with everybody migrates; what changed has its own reason."""
        return reason_code("migration", datetime.now(UTC).date()) if self.kind == "full" else row.reason


@dataclass(slots=True)
class Sorted:
    """A batch as it is to be written: present states, rows that went before, and all findings."""

    present: list[SourceRow] = field(default_factory=list)
    taken: list[Takeover] = field(default_factory=list)
    former: list[SourceRow] = field(default_factory=list)
    findings: list[LineFinding] = field(default_factory=list)

    @property
    def refused_lines(self) -> int:
        """How many lines are refused."""
        return len({each.line for each in self.findings if each.refused})

    @property
    def warned_lines(self) -> int:
        """How many lines have a warning and are taken."""
        refused = {each.line for each in self.findings if each.refused}
        return len({each.line for each in self.findings} - refused)


def sort_out(batch: Batch, known: Iterable[Row], origin: Origin) -> Sorted:
    """The batch as it is to be written, where `known` is what is known of its persons."""
    before = {row["addressee_number"]: row for row in known}
    here: dict[str, Person] = {}
    found = Sorted(findings=list(batch.findings))
    for person in batch.persons:
        row = before.get(person.addressee_number)
        first = here.get(person.addressee_number)
        if first is not None or (row is not None and row["file"] == origin.file):
            found.findings += _repeated(person, _versions(first, row))
            continue
        here[person.addressee_number] = person
        _take(person, _version(row), found, origin)
    return found


def _take(person: Person, known: Version | None, found: Sorted, origin: Origin) -> None:
    present = person.present
    if present is not None and known is not None and present.version < known:
        found.findings.append(finding(present.line, Code.OLDER, "history_number"))
        present = None
    found.former += [row for row in person.former if not row.deleted]
    if present is None:
        return
    found.present.append(present)
    found.taken.append(_takeover(present, origin))
    if present.removed and not present.deleted:
        found.former.append(present)


def _takeover(row: SourceRow, origin: Origin) -> Takeover:
    return Takeover(
        filing_id=origin.filing_of(row.line),
        addressee_number=row.addressee_number,
        household_number=row.household_number,
        record=None if row.deleted else row.record,
        my_number=None if row.deleted else row.my_number,
        resident_code=None if row.deleted else row.resident_code,
        reason=origin.reason_of(row),
        operator=row.operator,
        changed_on=row.changed_on,
        filed_on=row.filed_on,
    )


def _repeated(person: Person, versions: set[Version]) -> list[LineFinding]:
    """A person whose rows came already: the same key again, or rows that stand apart."""
    rows = sorted([*person.former, *([person.present] if person.present else [])], key=lambda row: row.line)
    return [
        finding(row.line, Code.DUPLICATE if row.version in versions else Code.SCATTERED, "history_number")
        for row in rows
    ]


def _versions(first: Person | None, row: Row | None) -> set[Version]:
    rows = (*first.former, *([first.present] if first.present else [])) if first else ()
    known = _version(row)
    return {each.version for each in rows} | ({known} if known is not None else set())


def _version(row: Row | None) -> Version | None:
    return None if row is None else (row["history_number"], row["history_branch"])
