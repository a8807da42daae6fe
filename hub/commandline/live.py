"""``kairan live``: everything runs, a synthetic city lives on, and the operations pages show it, until Ctrl-C."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from hub.commandline.output import console, refusals, stoppable
from infra.runtime.settings import load_settings


def live(
    residents: Annotated[int, typer.Option(min=10, max=200_000, help="residents of the synthetic city")] = 1000,
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="pause between two filings")] = 2.0,
    seed: Annotated[int, typer.Option(help="the same seed makes the same city")] = 1,
) -> None:
    """Keep a synthetic city alive and show it on the operations pages. Example: kairan live --seconds 1"""
    from hub.commandline.live_run import City, Visitor, run_live

    def told(address: str, visitor: Visitor) -> None:
        console.print(f"\nOperations pages: {address}", markup=False)
        console.print(f"  log in as {visitor.name}, password {visitor.password} (made for this run)", markup=False)
        console.print(f"  the browser must trust {visitor.authority}, or be told to go on", markup=False)
        console.print(f"  somebody to ask the ledger about: {visitor.resident}", markup=False)
        console.print("Ctrl-C ends everything.")

    with refusals(), stoppable(), TemporaryDirectory(prefix="kairan-live-", ignore_cleanup_errors=True) as directory:
        settings = load_settings(state_directory=Path(directory))
        run_live(settings, City(residents, seed, seconds), told)
