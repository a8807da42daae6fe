"""``kairan notices``: move-in notices of who left, those that are missing, and certificates that wait; names nobody."""

import asyncio
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.city import City
from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.runtime.served import city_of
from infra.runtime.settings import load_settings
from producers.register.events import JAPAN
from producers.register.inbox.certificates import Kept, certificates
from producers.register.inbox.noticed import Left, leavers

notices_app = typer.Typer(
    help="Letters between municipalities: move-in notices and certificates.", no_args_is_help=True
)


@notices_app.command("list")
def list_command(
    missing: Annotated[bool, typer.Option("--missing", help="only those whose notice is overdue")] = False,  # noqa: FBT002
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List who left for another municipality; with --missing, exits 2 if there is any. Example: kairan notices list"""
    with refusals():
        settings = load_settings()
        today = datetime.now(JAPAN).date()
        city = city_of(settings, municipality)
        found = asyncio.run(leavers(settings, city, today, missing=missing))
    if as_json:
        print_json([_told(each) for each in found])
    else:
        table = Table("filing", "member", "went to", "removed", "notice of", "received")
        for each in found:
            received = each.received_at and f"{each.received_at:%Y-%m-%d %H:%M}"
            row = (each.filing, str(each.member), each.municipality, str(each.removed_on))
            table.add_row(*row, str(each.noticed_on or ""), received or "")
        console.print(table if found else "no notice is missing" if missing else "nobody left")
    if missing and found:
        raise typer.Exit(DIFFERENCE)


@notices_app.command("certificates")
def certificates_command(
    filed: Annotated[bool, typer.Option("--filed", help="also those that a move-in was filed from")] = False,  # noqa: FBT002
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List the move-out certificates that wait for their persons. Example: kairan notices certificates --json"""
    with refusals():
        settings = load_settings()
        found = asyncio.run(certificates(settings, city_of(settings, municipality), filed=filed))
    if as_json:
        print_json([_told(each) for each in found])
        return
    table = Table("id", "from", "persons", "leaves on", "received", "filed")
    for each in found:
        times = (each.received_at, each.filed_at)
        row = (str(each.id), each.counterparty, str(each.persons), str(each.planned_on))
        table.add_row(*row, *(f"{at:%Y-%m-%d %H:%M}" if at else "" for at in times))
    console.print(table if found else "no certificate waits")


def _told(listed: Left | Kept) -> dict[str, object]:
    """For programs: days and times in ISO 8601."""
    return {
        name: value.isoformat(timespec="seconds") if isinstance(value, datetime)
        else value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(listed).items()
    }  # fmt: skip
