"""``kairan counter find | search``: one resident by number or by name, for somebody at the counter with a case."""

import asyncio
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hub.commandline.bulk import file_filings
from hub.commandline.city import City
from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import load_settings
from topics.guarded import MyNumber, ResidentCode

counter_app = typer.Typer(help="What is done at the counter.", no_args_is_help=True)
counter_app.command("file")(file_filings)

Operator = Annotated[str, typer.Option(help="account of the person who asks")]
Why = Annotated[str, typer.Option(help="for what, in one sentence without personal data")]
Case = Annotated[str, typer.Option(help="reception number of the case")]


@counter_app.command("find")
def find_command(
    operator: Operator,
    purpose: Why,
    case: Case,
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Find a number's holder; the number is asked for without echo, and the question is logged.

    Example: kairan counter find --operator counter-1 --purpose 'filing at the counter' --case 2026-0001
    """
    from producers.register.access import Occasion
    from producers.register.lookup import find_resident

    with refusals():
        settings = load_settings()
        number = number_in(typer.prompt("My Number or resident code", hide_input=True))
        city = city_of(settings, municipality)
        found = asyncio.run(find_resident(settings, city, number, Occasion(operator, purpose, case)))
    if as_json:
        print_json({"addressee_number": found})
    else:
        console.print(found or "nobody in this register has that number", markup=False)


@counter_app.command("search")
def search_command(
    birth: Annotated[str, typer.Option(help="birth date as the register writes it: 1980-02-29, 1980-02-XX")],
    operator: Operator,
    purpose: Why,
    case: Case,
    name: Annotated[str, typer.Option(help="the name or reading, or its beginning; asked for if left out")] = "",
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Search residents by name and birth date; the list shows no number, and the search is logged.

    Example: kairan counter search --birth 1980-02-29 --operator counter-1 --purpose 'filing' --case 2026-0001
    """
    from producers.register.access import Occasion
    from producers.register.search import search_residents, wanted

    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        who = wanted(name or typer.prompt("Name or reading"), birth)
        found = asyncio.run(search_residents(settings, city, who, Occasion(operator, purpose, case)))
    rows = [listed.model_dump() for listed in found]
    if as_json:
        print_json(rows)
    elif rows:
        table = Table(*rows[0])
        for row in rows:
            table.add_row(*(escape(str(cell)) for cell in row.values()))
        console.print(table)
    else:
        console.print("nobody in this register fits")


def number_in(text: str) -> MyNumber | ResidentCode:
    """The number as typed from a card; raises `Refusal` for what is none."""
    for kind in (MyNumber, ResidentCode):
        try:
            return kind(text)
        except ValueError:
            continue
    raise Refusal("KRN-NUMBER", f"number: {MyNumber.rule}, or {ResidentCode.rule}")
