"""``kairan numbers``: My Numbers that are asked for and not there yet, and requests that are stuck; names nobody."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.city import City
from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.runtime.served import city_of
from infra.runtime.settings import load_settings
from producers.register.number_requests.listing import Listed, requests, retry

numbers_app = typer.Typer(help="My Numbers that are awaited, and requests that are stuck.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="ID", help="the request's number in kairan numbers list")]
By = Annotated[str, typer.Option("--by", metavar="PERSON", help="account of the person who does it")]


@numbers_app.command("list")
def list_command(municipality: City = "", as_json: AsJson = False) -> None:  # noqa: FBT002
    """List what is awaited or stuck; exit code 2 when something is stuck. Example: kairan numbers list --json"""
    with refusals():
        settings = load_settings()
        found = asyncio.run(requests(settings, city_of(settings, municipality)))
    if as_json:
        print_json([_told(each) for each in found])
    else:
        console.print(_table(found) if found else "nobody waits for a number")
    if any(each.state == "stuck" for each in found):
        raise typer.Exit(DIFFERENCE)


@numbers_app.command("retry")
def retry_command(number: Number, by: By, municipality: City = "", as_json: AsJson = False) -> None:  # noqa: FBT002
    """Make a stuck request again. Example: kairan numbers retry 7 --by clerk-1"""
    with refusals():
        settings = load_settings()
        asyncio.run(retry(settings, city_of(settings, municipality), number, by))
    if as_json:
        print_json({"id": number, "state": "asked", "retried_by": by})
    else:
        console.print(f"request {number} is made again")


def _table(found: list[Listed]) -> Table:
    table = Table("id", "state", "code", "asked", "since", "last asked", "retried by")
    for each in found:
        times = (f"{each.requested_at:%Y-%m-%d %H:%M}", f"{each.asked_at:%Y-%m-%d %H:%M}")
        table.add_row(str(each.id), each.state, each.code or "", f"{each.attempts}x", *times, each.retried_by or "")
    return table


def _told(listed: Listed) -> dict[str, object]:
    """The request for programs: times in ISO 8601."""
    times = {name: getattr(listed, name).isoformat(timespec="seconds") for name in ("requested_at", "asked_at")}
    return asdict(listed) | times
