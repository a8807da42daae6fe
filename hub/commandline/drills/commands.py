"""``kairan drill list | run | all``: faults under load on servers of their own, and what came of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hub.commandline.output import FAILED, AsJson, console, errors, print_json, refusals, stoppable
from hub.commandline.progress import steps
from infra.runtime.exercises import Exercise, keep_exercise
from infra.runtime.settings import load_settings

if TYPE_CHECKING:
    from hub.commandline.drills.drill import Drill
    from hub.commandline.drills.tally import Row

Directory = Annotated[
    Path | None, typer.Option("--directory", help="where servers keep data and logs; else gone afterwards")
]


def list_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show the drills. Example: kairan drill list"""
    from hub.commandline.drills.catalogue import DRILLS

    if as_json:
        print_json([{"name": each.name, "title": each.title, "servers": each.servers.value} for each in DRILLS])
        return
    for each in DRILLS:
        console.print(f"{each.name:<24} {each.title}", markup=False)


def run_command(
    names: Annotated[list[str], typer.Argument(help="drills' names")],
    directory: Directory = None,
    rate: Annotated[
        float | None, typer.Option(min=1, max=1000, help="changes filed a second meanwhile; else the drill's own pace")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Run these drills; exit 1 when not all is as expected. Example: kairan drill run leader-killed poison-record"""
    from hub.commandline.drills.catalogue import named
    from hub.commandline.drills.drill import at_rate

    with refusals():
        chosen = [named(name) if rate is None else at_rate(named(name), rate) for name in names]
    _run(chosen, directory, None, as_json=as_json)


def all_command(
    directory: Directory = None,
    write: Annotated[Path | None, typer.Option(help="also write the drills' pages to this directory")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Run all drills, in twenty to fifty minutes. Example: kairan drill all --write docs/drills"""
    from hub.commandline.drills.catalogue import DRILLS

    _run(DRILLS, directory, write, as_json=as_json)


def _run(drills: "Sequence[Drill]", directory: Path | None, write: Path | None, *, as_json: bool) -> None:
    from hub.commandline.drills.course import run_drills
    from hub.commandline.drills.pages import write_pages

    with refusals(), stoppable(), steps() as shown:
        rows, settings, titles = [], load_settings(), {each.name: each.title for each in drills}
        for row in run_drills(drills, lambda each: shown.begin(f"{each.name}: {each.title}"), directory):
            rows.append(row)
            keep_exercise(settings, Exercise(name=row.name, title=titles[row.name], good=row.ok, figures=row.figures()))
            errors.print(f"{row.name}: {row.why or f'ok, {row.recovery_seconds:.1f} s'}", markup=False)
    if write is not None:
        write_pages(drills, rows, write)
    if as_json:
        print_json([row.to_json() for row in rows])
    else:
        _show(rows)
    if not all(row.ok for row in rows):
        raise typer.Exit(FAILED)


def _show(rows: "Sequence[Row]") -> None:
    table = Table("drill", "lost", "doubled", "leaked", "recovery, s", "")
    for row in rows:
        counts = [str(count) for count in (row.lost, row.doubled, row.leaked)]
        table.add_row(row.name, *counts, f"{row.recovery_seconds:.1f}", row.why or "ok")
    console.print(table)
