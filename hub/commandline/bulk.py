"""``kairan counter file``: filings from a file, at a pace that lets the counter pass."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.commandline.city import City
from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from hub.commandline.progress import steps
from infra.runtime.served import city_of
from infra.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from producers.register.bulk import Standing


def file_filings(
    file: Annotated[Path, typer.Argument(help="filings as JSON lines", exists=True, dir_okay=False)],
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Register the filings of a file, such as new addresses of a district; what is refused is told by line.

    Handed in again, it changes nothing twice. Exit 2 when filings were refused.

    Example: kairan counter file new-addresses.jsonl
    """
    with refusals():
        settings = load_settings()
        standing = asyncio.run(_filed(settings, city_of(settings, municipality), file))
    if as_json:
        print_json(asdict(standing))
    else:
        _show(standing)
    if standing.refused:
        raise typer.Exit(DIFFERENCE)


async def _filed(settings: Settings, city: str, file: Path) -> "Standing":
    from producers.register.bulk import Standing, read_filings, register_in_bulk
    from producers.register.registrar import Registrar

    standing = Standing()
    with steps() as shown:
        shown.begin("filing")
        async with Registrar.open(settings, city) as registrar:
            async for standing in register_in_bulk(registrar, read_filings(file), settings.bulk_changes_per_second):
                shown.reach(standing.lines)
    return standing


def _show(standing: "Standing") -> None:
    told = ", ".join(f"{count} {result}" for result, count in sorted(standing.results.items()))
    console.print(f"{standing.lines} filings: {told or 'none'}; {standing.changes} changes", markup=False)
    for refused in standing.refused:
        console.print(f"line {refused.line}: {refused.code}: {refused.field}: {refused.sentence}", markup=False)
