"""``kairan worklist``: what parties sent back to the register and somebody has to see to; names nobody."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.city import City
from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import Settings, load_settings
from producers.register.inbox.worklist import Listed, entries, entry, mark_resent, refused_subject, settle

worklist_app = typer.Typer(help="What parties sent back and somebody has to see to.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="ID", help="the entry's number in kairan worklist list")]
By = Annotated[str, typer.Option("--by", metavar="PERSON", help="account of the person who does it")]


@worklist_app.command("list")
def list_command(
    settled: Annotated[bool, typer.Option("--settled", help="also those that are settled")] = False,  # noqa: FBT002
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List the open entries. Example: kairan worklist list --json"""
    with refusals():
        settings = load_settings()
        found = asyncio.run(entries(settings, city_of(settings, municipality), settled=settled))
    if as_json:
        print_json([_told(each) for each in found])
        return
    table = Table("id", "from", "what", "code", "received", "resent", "state")
    for each in found:
        resent = f"{each.resent_at:%Y-%m-%d %H:%M}" if each.resent_at else ""
        row = (each.party, each.kind, each.code, f"{each.received_at:%Y-%m-%d %H:%M}", resent, each.state)
        table.add_row(str(each.id), *row)
    console.print(table if found else "nothing is open")


@worklist_app.command("show")
def show_command(number: Number, municipality: City = "", as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show one entry. Example: kairan worklist show 7"""
    with refusals():
        settings = load_settings()
        told = _told(asyncio.run(entry(settings, city_of(settings, municipality), number)))
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        console.print(f"{name:<15} {'' if value is None else value}", markup=False)


@worklist_app.command("settle")
def settle_command(number: Number, by: By, municipality: City = "", as_json: AsJson = False) -> None:  # noqa: FBT002
    """Say that an entry was seen to. Example: kairan worklist settle 7 --by clerk-1"""
    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        asyncio.run(settle(settings, city, number, by))
        told = _told(asyncio.run(entry(settings, city, number)))
    if as_json:
        print_json(told)
    else:
        console.print(f"entry {number} is settled")


@worklist_app.command("resend")
def resend_command(number: Number, by: By, municipality: City = "", as_json: AsJson = False) -> None:  # noqa: FBT002
    """Have the resident's present state told again to who refused it. Example: kairan worklist resend 7 --by clerk-1"""
    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        asyncio.run(resend(settings, city, number, by))
        told = _told(asyncio.run(entry(settings, city, number)))
    if as_json:
        print_json(told)
    else:
        console.print(f"entry {number}: told again; it is settled once {told['party']} has applied it", markup=False)


async def resend(settings: Settings, municipality: str, number: int, by: str) -> None:
    """Ask the hub first, then say so: killed in between, it is asked for again. Raises `Refusal`."""
    from hub.commandline.deployment import grants_now
    from hub.returns.redelivery import ask_redelivery

    about = await refused_subject(settings, municipality, number, by)
    if about.party not in {grant.recipient for grant in grants_now(settings)}:
        raise Refusal("WORKLIST-NO-GRANT", f"{about.party} has no grant in force: nothing may be told to it; settle it")
    await ask_redelivery(settings, municipality, about.party, about.addressee_number)
    await mark_resent(settings, municipality, number, by)


def _told(listed: Listed) -> dict[str, object]:
    """The entry for programs: times in ISO 8601."""
    times = {
        name: None if at is None else at.isoformat(timespec="seconds")
        for name in ("received_at", "resent_at", "settled_at")
        for at in [getattr(listed, name)]
    }
    return asdict(listed) | times
