"""``kairan drill``: abuse that must be refused, on what runs or on servers of their own; and faults under load."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

from hub.commandline.drills.commands import all_command, list_command, run_command
from hub.commandline.output import FAILED, AsJson, console, errors, print_json, refusals, stoppable, undisturbed
from infra.runtime.exercises import exercised
from infra.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from hub.commandline.abuse.run import Drill

REACH_SECONDS = 2.0
TITLE = "What must fail, tried"

drill_app = typer.Typer(help="Exercises: what must fail, tried; faults under load, survived.", no_args_is_help=True)
drill_app.command("list")(list_command)
drill_app.command("run")(run_command)
drill_app.command("all")(all_command)


@drill_app.command("abuse")
def abuse(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Try every abuse case; exit 1 when one is not refused. Example: kairan drill abuse --json"""
    from hub.commandline.abuse.run import run_drill

    with refusals(), stoppable(), deployment() as settings, exercised(load_settings(), "abuse", TITLE) as result:
        drill = asyncio.run(run_drill(settings))
        result.good, result.figures = drill.good, {"tried": len(drill.tried), "refused": drill.refused}
    if as_json:
        print_json(drill.to_json())
    else:
        show(drill)
    if not drill.good:
        raise typer.Exit(FAILED)


@contextmanager
def deployment() -> Iterator[Settings]:
    """What runs; where nothing does, servers started for the block alone, with databases and topics."""
    settings = load_settings()
    if is_running(settings):
        yield settings
        return
    errors.print("nothing runs here: the drill is on servers of its own", markup=False)
    with (
        TemporaryDirectory(prefix="kairan-drill-", ignore_cleanup_errors=True) as directory,
        _temporary(Path(directory)) as own,
    ):
        yield own


@contextmanager
def _temporary(directory: Path) -> Iterator[Settings]:
    from hub.commandline.deployment import prepare, principal_names
    from infra.embedded.cluster import EmbeddedCluster

    settings = load_settings(state_directory=directory)
    with EmbeddedCluster(settings, principal_names(settings), temporary=True) as cluster:
        try:
            asyncio.run(prepare(cluster.settings))
            yield cluster.settings
        finally:
            undisturbed()


def is_running(settings: Settings) -> bool:
    """Whether there are certificates, and a first broker that listens."""
    host, _, port = settings.kafka_bootstrap.partition(",")[0].rpartition(":")
    if not (settings.certificates_directory / "ca.crt").exists():
        return False
    try:
        socket.create_connection((host, int(port)), timeout=REACH_SECONDS).close()
    except OSError:
        return False
    return True


def show(drill: "Drill") -> None:
    """The drill for people."""
    table = Table("case", "tried", "refused by")
    for tried in drill.tried:
        cause = Text(tried.attempt.cause, style="" if tried.attempt.refused else "red")
        table.add_row(str(tried.case.number), tried.case.title, cause)
    for untried in drill.untried:
        table.add_row(str(untried.case.number), untried.case.title, f"not tried: {untried.why}")
    console.print(table)
    console.print(f"{drill.refused} of {len(drill.tried)} refused", style="green" if drill.good else "red")
