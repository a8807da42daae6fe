"""``kairan linkage``: windows of recipients that are not told at once."""

import asyncio
from dataclasses import asdict

import typer

from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.runtime.settings import load_settings

linkage_app = typer.Typer(help="Information linkage: windows, and link codes.", no_args_is_help=True)


@linkage_app.command("flush")
def flush_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """End every open window now; a window cut short hides less. Example: kairan linkage flush"""
    from hub.windows.flush import flush

    with refusals():
        flushed = asyncio.run(flush(load_settings()))
    if as_json:
        print_json({"flushed": flushed})
    else:
        console.print(f"{flushed} changes no longer wait for the end of their window")


@linkage_app.command("waiting")
def waiting_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show what waits for a window; exit 2 when it is later than its grant allows. Example: kairan linkage waiting"""
    from hub.commandline.deployment import grants_now
    from hub.watch.lag import read_waiting

    with refusals():
        settings = load_settings()
        found = asyncio.run(read_waiting(settings, grants_now(settings)))
    if as_json:
        print_json([{**asdict(each), "late": each.is_late} for each in found])
    for each in found if not as_json else ():
        late = ", later than its grant allows" if each.is_late else ""
        told = f"{each.changes} changes wait, the longest for {each.longest_seconds / 60:.0f} minutes{late}"
        console.print(f"{each.municipality} {each.recipient}: {told}", markup=False)
    if any(each.is_late for each in found):
        raise typer.Exit(DIFFERENCE)
