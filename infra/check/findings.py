"""What the verifier found amiss: an invariant of the design, where, and where to look; never a person's data."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Invariant(StrEnum):
    """The invariants that hold at every moment (design, section 8)."""

    I1 = "I1 every committed change reaches every entitled recipient, applied exactly once"
    I2 = "I2 nothing ever reaches anyone else"
    I3 = "I3 payloads are exactly the permitted items"
    I4 = "I4 delivery numbers and resident sequences run 1..n without gap, in register order"
    I5 = "I5 the recipient's copy equals the register under its projection"
    I6 = "I6 what lies on a topic is what the ledger says was disclosed; acknowledgements have entries"
    PARKED = "PARKED owed (I1), and waiting in order at its recipient behind a record that this has parked"
    I7 = "I7 the ledger's checkpoints are consistent with each other, with its entries, and with the witness"


@dataclass(frozen=True, slots=True)
class Finding:
    """One departure: `place` names a topic or database, `detail` a rule and coordinates."""

    invariant: Invariant
    place: str
    municipality: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """The finding for programs."""
        return {**asdict(self), "invariant": self.invariant.name}


@dataclass(frozen=True, slots=True)
class Report:
    """All findings of one run and how much was looked at."""

    findings: tuple[Finding, ...]
    changes: int
    deliveries: int

    @property
    def ok(self) -> bool:
        """Whether every invariant holds."""
        return not self.findings

    def to_json(self) -> dict[str, object]:
        """The report for programs."""
        found = [finding.to_json() for finding in self.findings]
        return {"ok": self.ok, "findings": found, "changes": self.changes, "deliveries": self.deliveries}
