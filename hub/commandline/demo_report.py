"""The demo's result, for people and for programs."""

import json
from pathlib import Path

from rich.table import Table
from rich.text import Text

from hub.commandline.demo_run import Result
from hub.commandline.output import console
from hub.commandline.verify import show as show_verification


def show(result: Result) -> None:
    """Print what happened, who got what, who was refused."""
    rate = result.changes / result.seconds
    console.print(
        f"\nA synthetic city of {result.residents} residents: {result.changes} changes "
        f"applied everywhere in {result.seconds:.1f} s ({rate:.0f} a second)."
    )
    recipients = Table("recipient", "delivered", "applied", "held", "rejected", title="Who got what")
    for name, standing in result.recipients.items():
        figures = (standing.delivered, standing.applied, standing.held, standing.rejected)
        recipients.add_row(name, *map(str, figures))
    console.print(recipients)
    refused = Table("tried", "outcome", title="Who was refused")
    for denial in result.denials.tried:
        refused.add_row(denial.case.title, Text(denial.attempt.cause))
    console.print(refused)
    show_verification(result.verification)
    console.print("`make live` keeps such a city alive, and shows it on pages.", markup=False)


def to_json(result: Result) -> dict[str, object]:
    """The result in the fixed form that scripts depend on."""
    return {
        "residents": result.residents,
        "changes": result.changes,
        "seconds": round(result.seconds, 3),
        "changes_per_second": round(result.changes / result.seconds, 1),
        "recipients": {name: standing.to_json() for name, standing in result.recipients.items()},
        "verify": result.verification.to_json(),
        "denials": {
            "tried": len(result.denials.tried),
            "refused": result.denials.refused,
            "cases": [
                {"tried": denial.case.title, "refused": denial.attempt.refused, "cause": denial.attempt.cause}
                for denial in result.denials.tried
            ],
        },
        "peak_memory_bytes": result.peak_memory,
        "synthetic": True,
    }


def write(result: Result, path: Path) -> None:
    """Write the JSON form to `path`."""
    path.write_text(json.dumps(to_json(result), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
