"""``kairan counter find``: a number's holder, for somebody at the counter with a case."""

import asyncio
from typing import Annotated

import typer

from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.settings import load_settings
from topics.guarded import MyNumber, ResidentCode

counter_app = typer.Typer(help="What is done at the counter.", no_args_is_help=True)


@counter_app.command("find")
def find_command(
    operator: Annotated[str, typer.Option(help="account of the person who asks")],
    purpose: Annotated[str, typer.Option(help="for what, in one sentence without personal data")],
    case: Annotated[str, typer.Option(help="reception number of the case")],
    municipality: Annotated[str, typer.Option(help="municipality code; the first one served if left out")] = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Find a number's holder; the number is asked for without echo, and the question is logged.

    Example: kairan counter find --operator counter-1 --purpose 'filing at the counter' --case 2026-0001
    """
    from producers.register.lookup import Occasion, find_resident

    with refusals():
        settings = load_settings()
        number = _number(typer.prompt("My Number or resident code", hide_input=True))
        city = municipality or settings.municipalities[0]
        found = asyncio.run(find_resident(settings, city, number, Occasion(operator, purpose, case)))
    if as_json:
        print_json({"addressee_number": found})
    else:
        console.print(found or "nobody in this register has that number", markup=False)


def _number(text: str) -> MyNumber | ResidentCode:
    for kind in (MyNumber, ResidentCode):
        try:
            return kind(text)
        except ValueError:
            continue
    raise Refusal("KRN-NUMBER", f"number: {MyNumber.rule}, or {ResidentCode.rule}")
