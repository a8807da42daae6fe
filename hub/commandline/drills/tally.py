"""The proof: what the independent verifier, the register's answers and the search for canaries come to, in numbers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from hub.commandline.drills.canary import leaks
from hub.commandline.drills.drill import Drill
from hub.commandline.drills.ground import Ground
from hub.commandline.settlement import recipients_standing
from hub.commandline.verify import run_verify
from infra.check.findings import Finding, Invariant, Report

LOST = frozenset({Invariant.I1, Invariant.I5})
DOUBLED = frozenset({Invariant.I4})
LEAKED = frozenset({Invariant.I2, Invariant.I3, Invariant.I6})


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a drill; `why` says what is not as it must be, empty when it is."""

    name: str
    lost: int
    doubled: int
    leaked: int
    recovery_seconds: float
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything was as expected."""
        return not self.why

    def figures(self) -> dict[str, float]:
        """What is kept as the last result."""
        counts = {"lost": self.lost, "doubled": self.doubled, "leaked": self.leaked}
        return {**counts, "recovery-seconds": round(self.recovery_seconds, 1)}

    def to_json(self) -> dict[str, object]:
        """The row in the fixed form that scripts depend on; `why` is there only where something is amiss."""
        told: dict[str, object] = {
            "name": self.name, "lost": self.lost, "doubled": self.doubled, "leaked": self.leaked,
            "recovery_seconds": round(self.recovery_seconds, 1), "ok": self.ok,
        }  # fmt: skip
        return told if self.ok else {**told, "why": self.why}


def failed(drill: Drill, why: str) -> Row:
    """A drill that did not come to its end: nothing is known, so nothing is claimed."""
    return Row(drill.name, 0, 0, 0, 0.0, why or "it ended early")


async def tally(drill: Drill, ground: Ground, recovery_seconds: float) -> Row:
    """Count; call it once everything has arrived."""
    report = await asyncio.to_thread(run_verify, ground.settings)
    standings = (await recipients_standing(ground.settings)).values()
    missing = max(0, ground.load.confirmed - report.changes)
    unapplied = sum(max(0, each.delivered - each.applied) for each in standings)
    surplus = sum(max(0, each.applied - each.delivered) for each in standings)
    seen = await asyncio.to_thread(leaks, ground.settings)
    strange = unexpected(drill, report)
    lost = _count(strange, LOST) + missing + unapplied
    doubled = _count(strange, DOUBLED) + surplus
    leaked = _count(strange, LEAKED) + len(seen)
    reasons = [f"{one.invariant.name} {one.place}: {one.detail}" for one in strange[:3]]
    reasons += [f"{trace} was not noticed" for trace in unnoticed(drill, report)]
    reasons += [f"{leak.kind} in {leak.artefact} ({leak.encoding})" for leak in seen[:3]]
    if lost or doubled or leaked:
        reasons.append(f"{lost} lost, {doubled} doubled, {leaked} leaked")
    return Row(drill.name, lost, doubled, leaked, recovery_seconds, "; ".join(reasons))


def unexpected(drill: Drill, report: Report) -> list[Finding]:
    """Findings that are not traces of the fault itself."""
    return [one for one in report.findings if not any(trace in one.detail for trace in drill.traces)]


def unnoticed(drill: Drill, report: Report) -> list[str]:
    """Traces of the fault that nothing has found."""
    return [trace for trace in drill.traces if not any(trace in one.detail for one in report.findings)]


def _count(findings: Sequence[Finding], invariants: frozenset[Invariant]) -> int:
    return sum(one.invariant in invariants for one in findings)
