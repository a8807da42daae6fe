"""``kairan linkage``: windows of recipients that are not told at once, and institutions' link codes."""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

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


@linkage_app.command("rotate")
def rotate_command(
    institution: Annotated[str, typer.Argument(help="key of an institution in topics/codes/institutions.yaml")],
    overlap_days: Annotated[int, typer.Option(min=0, max=92, help="how long the present codes stay good")] = 7,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Begin an institution's next epoch of link codes. Example: kairan linkage rotate pension-office"""
    from consumers.intermediate.rotation import rotate

    with refusals():
        epoch = asyncio.run(rotate(load_settings(), institution, timedelta(days=overlap_days)))
    if as_json:
        print_json({"institution": institution, "epoch": epoch, "overlap_days": overlap_days})
    else:
        console.print(f"{institution}: epoch {epoch}; the codes before are good for {overlap_days} days", markup=False)


@linkage_app.command("check")
def check_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Count link codes as the auditor; exit 2 when a person has none. Example: kairan linkage check"""
    from consumers.intermediate.code_counts import code_counts

    with refusals():
        found = asyncio.run(code_counts(load_settings()))
    if as_json:
        print_json([asdict(each) for each in found])
    for each in found if not as_json else ():
        told = f"{each.valid} valid, {each.missing} missing, {each.orphaned} of nobody"
        console.print(f"{each.municipality} {each.institution} epoch {each.epoch}: {told}", markup=False)
    if not all(each.is_whole for each in found):
        raise typer.Exit(DIFFERENCE)
