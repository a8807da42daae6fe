"""``kairan simulate``: a city's year through the whole path, with every reason of change in its share."""

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hub.commandline.output import FAILED, console, refusals, stoppable
from infra.runtime.settings import load_settings

if TYPE_CHECKING:
    from hub.commandline.demo_run import Result

EVENTS_A_YEAR, RESIDENTS_THEN = 34_000, 140_000
"""A city of the size of Ebina: events of persons a year."""
DAYS_A_YEAR = 365
MEBIBYTE = 1024 * 1024


def simulate(
    context: typer.Context,
    residents: Annotated[int, typer.Option(min=100, max=200_000, help="residents of the synthetic city")] = 140_000,
    days: Annotated[int, typer.Option(min=1, max=DAYS_A_YEAR, help="days of its year, from 1 October")] = DAYS_A_YEAR,
    seed: Annotated[int, typer.Option(help="the same seed makes the same city")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="also write the result to this file")] = None,
) -> None:
    """Let a city live through the whole path, and verify it. Example: kairan simulate --residents 14000 --days 90"""
    if context.invoked_subcommand is not None:
        return
    from hub.commandline.demo_run import Scenario, run_demo

    share = days / DAYS_A_YEAR
    changes = max(1, round(EVENTS_A_YEAR * residents / RESIDENTS_THEN * share))
    with refusals(), stoppable(), TemporaryDirectory(prefix="kairan-year-", ignore_cleanup_errors=True) as directory:
        settings = load_settings(state_directory=Path(directory))
        result = run_demo(settings, Scenario(residents, changes, seed, share))
    _show(result)
    if json_file is not None:
        json_file.write_text(json.dumps(to_json(result), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if not result.verification.ok:
        raise typer.Exit(FAILED)


def to_json(result: "Result") -> dict[str, object]:
    """The result in the fixed form that scripts depend on; `rss_mb` is the greatest process's peak."""
    return {
        "residents": result.residents,
        "changes": result.changes,
        "seconds": round(result.seconds, 3),
        "rss_mb": round(max(result.peak_memory.values()) / MEBIBYTE),
        "reasons": result.reasons,
        "verify": result.verification.to_json(),
        "synthetic": True,
    }


def _show(result: "Result") -> None:
    from hub.commandline.verify import show
    from topics.reasons import reasons

    today = datetime.now(UTC).date()
    names = {reason.code: reason.name_ja for reason in reasons() if reason.holds_on(today)}
    table = Table("code", "reason", "changes", title=f"{result.changes} changes of {result.residents} residents")
    for code, count in result.reasons.items():
        table.add_row(code, names.get(code, ""), str(count))
    console.print(table)
    greatest = max(result.peak_memory, key=lambda name: result.peak_memory[name])
    memory = result.peak_memory[greatest] / MEBIBYTE
    console.print(f"{result.seconds:.1f} s to the last acknowledgement; greatest process {greatest}, {memory:.0f} MB")
    show(result.verification)
