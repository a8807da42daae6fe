"""``kairan addressee export``: the in-house office's own files, everybody or what changed."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.commandline.city import City
from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import load_settings

addressee_app = typer.Typer(help="The addressee system (宛名システム) of the in-house offices.", no_args_is_help=True)


@addressee_app.callback()
def _addressee() -> None:
    """A group also while it has one command."""


@addressee_app.command("export")
def export_command(
    output: Annotated[Path, typer.Argument(help="the CSV file (UTF-8), owner-only", dir_okay=False)],
    full: Annotated[bool, typer.Option("--full", help="everybody (全件)")] = False,  # noqa: FBT002
    since: Annotated[int | None, typer.Option(min=0, help="who changed after this change number (差分)")] = None,
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write the office's file from its copy; the answer names the change number at which the next one goes on.

    Example: kairan addressee export addressees.csv --since 1200
    """
    from consumers.addressee.export import export

    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        if full == (since is not None):
            raise Refusal("ADDRESSEE-KIND", "say either --full or --since with a change number")
        done = asyncio.run(export(settings, city, output, since))
    if as_json:
        print_json(asdict(done))
    else:
        kind = "everybody" if full else f"who changed after {since}"
        console.print(f"{done.rows} persons written ({kind}); go on with --since {done.until}", markup=False)
