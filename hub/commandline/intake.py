"""``kairan intake``: a file of the register system into the register; what cannot be taken is reported by its line."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hub.commandline.city import City
from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from hub.commandline.progress import steps
from infra.runtime.served import city_of
from infra.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from producers.intake.source import Source
    from producers.intake.summary import Summary


def intake(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8, its columns as in the layout", dir_okay=False)],
    difference: Annotated[bool, typer.Option("--difference", help="what changed (異動差分)")] = False,  # noqa: FBT002
    report: Annotated[Path | None, typer.Option(help="write every finding to this file, as JSON lines")] = None,
    layout: Annotated[Path | None, typer.Option(help="the layout (YAML); 001o006 if left out")] = None,
    municipality: City = "",
    make: Annotated[bool, typer.Option("--make", help="write a synthetic city to FILE instead")] = False,  # noqa: FBT002
    residents: Annotated[int, typer.Option(min=10, max=500_000, help="with --make: how many residents")] = 1000,
    seed: Annotated[int, typer.Option(help="with --make: the same seed makes the same city")] = 1,
    faulty_each: Annotated[int, typer.Option(min=0, help="with --make: plant a fault each so many residents")] = 0,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Take a register system's file in; run again, it goes on where it was stopped, and changes nothing twice.

    Exit 2 when rows were refused.

    Example: kairan intake 001o006.csv --report refused.jsonl
    """
    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        if make:
            _make(file, city, residents, seed, faulty_each)
            return
        summary = _take(settings, city, file, report, layout, difference=difference)
    if as_json:
        print_json(asdict(summary))
    else:
        _show(summary)
    if summary.standing.refused:
        raise typer.Exit(DIFFERENCE)


def _make(file: Path, municipality: str, residents: int, seed: int, faulty_each: int) -> None:
    from producers.synthetic.city import SyntheticCity
    from producers.synthetic.register_file import write_register_file

    planted = write_register_file(file, SyntheticCity(seed, municipality, residents), faulty_each=faulty_each)
    console.print(f"{residents} synthetic residents written, {len(planted)} faults planted", markup=False)


def _take(
    settings: Settings, city: str, file: Path, report: Path | None, layout: Path | None, *, difference: bool
) -> "Summary":
    from producers.intake.layout import load_layout
    from producers.intake.source import Source

    source = Source(file, "difference" if difference else "full", load_layout(layout))
    return asyncio.run(_taken(settings, city, source, report))


async def _taken(settings: Settings, city: str, source: "Source", report: Path | None) -> "Summary":
    from producers.intake.report import write_report
    from producers.intake.service import Intake
    from producers.intake.summary import summarize

    with steps() as shown:
        async with Intake.open(settings, city) as intake:
            shown.begin(f"taking in {source.kind} file")
            file, _ = await intake.take(source, shown.reach)
            if report is not None:
                await write_report(intake.register, file, report)
            return await summarize(intake, file)


def _show(summary: "Summary") -> None:
    standing = summary.standing
    console.print(
        f"{standing.line - 1} rows: {standing.created} residents created, {standing.changed} changed, "
        f"{standing.ceased} ceased, {standing.annulled} annulled, {standing.unchanged} as they were; "
        f"{standing.former} former rows kept; {standing.refused} rows refused, {standing.warned} with warnings",
        markup=False,
    )
    if summary.not_in_file:
        console.print(f"{summary.not_in_file} residents of the register are not in this file; they stay", markup=False)
    if summary.findings:
        console.print(_table(summary))


def _table(summary: "Summary") -> Table:
    table = Table("code", "severity", "count", "rule")
    for each in summary.findings:
        table.add_row(each.code, "error" if each.refused else "warning", str(each.count), each.rule)
    return table
