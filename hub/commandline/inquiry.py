"""``kairan inquiry``: an institution's questions to the intermediate server, and the log of what was provided."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.commandline.output import FAILED, AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from topics.messages.inquiry import Answer, Inquiry

inquiry_app = typer.Typer(help="Inquiries of institutions (情報照会・情報提供).", no_args_is_help=True)


@inquiry_app.command("ask")
def ask_command(
    institution: Annotated[str, typer.Option(help="key of an institution in topics/codes/institutions.yaml")],
    code_file: Annotated[Path, typer.Option(help="the institution's own link codes, one on a line")],
    purpose: Annotated[str, typer.Option(help="one of its purposes in topics/codes/inquiries.yaml")],
    items: Annotated[str, typer.Option(help="item numbers of file 1, comma separated")],
    municipality: Annotated[str, typer.Option(help="whose residents; empty for the first one served")] = "",
    seconds: Annotated[float, typer.Option(min=1, max=600, help="how long to wait for the answers")] = 30,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Ask about persons by the institution's own link codes; exit 1 unless all are answered.

    Example: kairan inquiry ask --institution pension-office --code-file codes --purpose pension-payment --items 5,14
    """
    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        answers = asyncio.run(_ask(settings, _questions(institution, city, purpose, items, code_file), seconds))
    if as_json:
        print_json([answer.model_dump(mode="json", exclude_none=True) for answer in answers])
    for place, answer in enumerate(answers if not as_json else (), start=1):
        told = f", version {answer.version}: {dict(answer.items)}" if answer.items is not None else ""
        console.print(f"{place}. {answer.outcome}{told}", markup=False)
    if any(answer.outcome != "answered" for answer in answers):
        raise typer.Exit(FAILED)


@inquiry_app.command("log")
def log_command(
    last: Annotated[int, typer.Option(min=1, max=100_000, help="how many entries")] = 50,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show what was asked and what came of it; no person is named. Example: kairan inquiry log --last 20"""
    from consumers.intermediate.inquiries.log import read_log

    with refusals():
        entries = asyncio.run(read_log(load_settings(), last))
    if as_json:
        print_json([{**asdict(each), "decided_at": each.decided_at.isoformat()} for each in entries])
    for each in entries if not as_json else ():
        items = ", ".join(map(str, each.items)) or "none"
        told = f"{each.purpose or 'no purpose'}, items {items}: {each.outcome} ({each.code})"
        console.print(
            f"{each.decided_at:%Y-%m-%d %H:%M:%S} {each.municipality} {each.institution}: {told}", markup=False
        )


def _questions(institution: str, city: str, purpose: str, items: str, code_file: Path) -> list["Inquiry"]:
    from consumers.institution.asking import new_inquiry
    from topics.guarded import LinkCode

    try:
        codes = [LinkCode(line) for line in code_file.read_text(encoding="ascii").split()]
        numbers = [int(item) for item in items.split(",")]
        asked = [new_inquiry(institution, city, purpose, numbers, code) for code in codes]
    except ValueError:
        rule = "--code-file has link codes, one on a line; --items numbers, each once; names have letters and hyphens"
        raise Refusal("INQUIRY-FORM", rule) from None
    if not asked:
        raise Refusal("INQUIRY-FORM", "--code-file holds no link code")
    return asked


async def _ask(settings: Settings, questions: list["Inquiry"], seconds: float) -> list["Answer"]:
    from consumers.institution.asking import ask
    from infra.runtime.key_ring import KeyRing

    answers = await ask(settings, KeyRing(settings), questions, seconds=seconds)
    return [answers[each.inquiry_id] for each in questions]
