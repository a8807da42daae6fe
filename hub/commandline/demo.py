"""``kairan demo``: a synthetic city's year, from filing to three offices, on real servers started for it alone."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from hub.commandline.output import FAILED, refusals, stoppable
from infra.runtime.settings import load_settings


def demo(
    residents: Annotated[int, typer.Option(min=10, max=200_000, help="residents of the synthetic city")] = 1000,
    changes: Annotated[int, typer.Option(min=1, max=500_000, help="changes of its year")] = 300,
    seed: Annotated[int, typer.Option(help="the same seed makes the same city")] = 1,
    brokers: Annotated[int, typer.Option(help="embedded brokers: 1 or 3")] = 1,
    json_file: Annotated[Path | None, typer.Option("--json", help="also write the result to this file")] = None,
) -> None:
    """Run the whole path on a synthetic city, check it, and show what was refused.

    Example: kairan demo --residents 2000 --changes 500 --json result.json
    """
    from hub.commandline.demo_report import show, write
    from hub.commandline.demo_run import Scenario, run_demo

    with refusals(), stoppable(), TemporaryDirectory(prefix="kairan-demo-", ignore_cleanup_errors=True) as directory:
        settings = load_settings(state_directory=Path(directory), embedded_brokers=brokers)
        result = run_demo(settings, Scenario(residents, changes, seed))
    show(result)
    if json_file is not None:
        write(result, json_file)
    if not result.good:
        raise typer.Exit(FAILED)
