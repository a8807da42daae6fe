"""``kairan identity``: asking the national role to confirm an identity (本人確認情報照会), and the logs of it."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.commandline.city import City
from hub.commandline.output import FAILED, AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import load_settings

if TYPE_CHECKING:
    from topics.guarded import ResidentCode
    from topics.messages.confirmation import FourItems

identity_app = typer.Typer(help="Identity confirmation by the national role (本人確認情報照会).", no_args_is_help=True)

Operator = Annotated[str, typer.Option(help="account of the person who asks")]
Why = Annotated[str, typer.Option(help="for what, in one sentence without digits")]
Case = Annotated[str, typer.Option(help="reception number of the case")]


@identity_app.command("ask")
def ask_command(
    operator: Operator,
    purpose: Why,
    case: Case,
    by_items: Annotated[bool, typer.Option("--by-items", help="ask by name, address, birth date and sex")] = False,  # noqa: FBT002
    municipality: City = "",
    seconds: Annotated[float, typer.Option(min=1, max=600, help="how long to wait for the answer")] = 30,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Ask by resident code (typed without echo) or by the four items; exit 1 unless exactly one person is confirmed.

    Example: kairan identity ask --operator counter-1 --purpose 'move-in at the counter' --case 2026-0001
    """
    from infra.runtime.key_ring import KeyRing
    from producers.register.access import Occasion
    from producers.register.confirmation.asking import confirm

    with refusals():
        settings = load_settings()
        city, occasion = city_of(settings, municipality), Occasion(operator, purpose, case)
        who = _items() if by_items else _code()
        told = asyncio.run(confirm(settings, KeyRing(settings), city, who, occasion, seconds=seconds))
    if as_json:
        print_json({"outcome": told.outcome, "items": told.items})
    else:
        console.print(told.outcome if told.items is None else f"confirmed: {told.items}", markup=False)
    if told.outcome != "confirmed":
        raise typer.Exit(FAILED)


@identity_app.command("log")
def log_command(
    last: Annotated[int, typer.Option(min=1, max=100_000, help="how many entries")] = 50,
    national: Annotated[bool, typer.Option("--national", help="the national role's log, not the city's")] = False,  # noqa: FBT002
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show who asked, for what, and what came of it; nobody asked about is named. Example: kairan identity log"""
    from consumers.jlis.tier.log import read_confirmations
    from producers.register.confirmation.asking import read_queries

    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        read = read_confirmations(settings, last) if national else read_queries(settings, city, last)
        rows = [_plain(row) for row in asyncio.run(read)]
    if as_json:
        print_json(rows)
    for row in rows if not as_json else ():
        console.print(", ".join(str(value) for value in row.values() if value), markup=False)


def _code() -> "ResidentCode":
    from topics.guarded import ResidentCode

    try:
        return ResidentCode(typer.prompt("Resident code", hide_input=True))
    except ValueError:
        raise Refusal("KRN-NUMBER", f"resident code: {ResidentCode.rule}") from None


def _items() -> "FourItems":
    from topics.messages.confirmation import FourItems

    fields = ("name", "address", "birth_date", "sex")
    try:
        return FourItems(**{field: typer.prompt(field.replace("_", " ").capitalize()) for field in fields})
    except ValueError:
        rule = "name and address as the register writes them, birth date 1980-02-29, sex 1, 2 or 9"
        raise Refusal("CONFIRM-ITEMS", rule) from None


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
