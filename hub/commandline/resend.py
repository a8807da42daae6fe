"""``kairan resend``: what was registered in a period is told anew to one recipient, and it stays on record why."""

import asyncio
from datetime import date, datetime
from typing import Annotated

import typer

from hub.commandline.city import City
from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import Settings, load_settings


def resend(
    recipient: Annotated[str, typer.Argument(help="to whom")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day of registration")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="last day, itself included")],
    reason: Annotated[str, typer.Option(help="why, without digits; it stays on record")],
    by: Annotated[str, typer.Option("--by", metavar="PERSON", help="account of the person who wants it")],
    second: Annotated[str, typer.Option("--second", metavar="PERSON", help="account of another who agrees")],
    resident: Annotated[list[str] | None, typer.Option("--resident", help="addressee number; all if left out")] = None,
    look: Annotated[bool, typer.Option("--look", help="only say how many residents it concerns")] = False,  # noqa: FBT002
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Tell a recipient anew what was registered in a period.

    Example: kairan resend prefecture --from 2026-11-20 --to 2026-11-20 --reason "lost" --by clerk-1 --second clerk-2
    """
    from producers.register.resending import Resend
    from producers.register.resending import resend as carry_out

    with refusals():
        settings = load_settings()
        _hold_granted(settings, recipient)
        whom = tuple(resident or ())
        wanted = Resend(recipient, _day(first), _day(last), whom, reason, by, second)
        city = city_of(settings, municipality)
        found = asyncio.run(carry_out(settings, city, wanted, carry_out=not look))
    if as_json:
        print_json({"recipient": recipient, "residents": found, "resent": not look})
    else:
        console.print(f"{found} residents were changed then{'' if look else f'; {recipient} is told of them anew'}")


def _hold_granted(settings: Settings, recipient: str) -> None:
    from hub.commandline.deployment import grants_now

    grant = next((grant for grant in grants_now(settings) if grant.recipient == recipient), None)
    if grant is None:
        raise Refusal("RESEND-NO-GRANT", "no such recipient has a grant in force: nothing may be told to it")
    if grant.population == "arrived":
        raise Refusal("RESEND-TOLD-ONCE", "it is told of an arrival once and of nothing later: write to it by hand")


def _day(moment: datetime) -> date:
    return moment.date()
