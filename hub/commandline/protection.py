"""``kairan protection``: protections (支援措置) filed and looked at by hand, and who gave an address back."""

import asyncio
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid4

import typer
from rich.table import Table

from hub.commandline.city import City
from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.runtime.served import city_of
from infra.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from hub.protection.recalls import HeldAddress
    from producers.register.access import Occasion

protection_app = typer.Typer(help="Protections (支援措置): steps, lists, recalls.", no_args_is_help=True)

STEPS = ("provisional", "full", "extension", "transfer", "end")
Operator = Annotated[str, typer.Option(help="account of the clerk")]
Day = Annotated[str, typer.Option("--on", help="day of the filing, as 2026-04-01; today if left out")]
Filing = Annotated[UUID | None, typer.Option("--filing-id", help="a step filed again under its id changes nothing")]
Why = Annotated[str, typer.Option(help="for what, in one sentence without personal data")]
Case = Annotated[str, typer.Option(help="reception number of the case")]


@protection_app.command("file")
def file_command(
    step: Annotated[str, typer.Argument(help=", ".join(STEPS))],
    resident: Annotated[list[str], typer.Option(help="addressee number (宛名番号); once for each person protected")],
    operator: Operator,
    level: Annotated[str, typer.Option(help="what is blocked: address or record; needed to begin")] = "",
    on: Day = "",
    filing_id: Filing = None,
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """File one step; what it means leaves the register at once, for every recipient before any later address.

    Example: kairan protection file provisional --resident 0000000019 --level address --operator counter-1
    """
    from producers.register.protection.desk import file_step

    told = {"filing_id": filing_id or uuid4(), "operator": operator, "filed_on": on or _today(), "step": step,
            "residents": tuple(resident), "level": level or None}  # fmt: skip
    with refusals():
        settings = load_settings()
        outcome = asyncio.run(file_step(settings, city_of(settings, municipality), told))
    if as_json:
        print_json({"filing_id": str(outcome.filing_id), "result": outcome.result, "persons": len(resident)})
    else:
        console.print(f"{step}: {outcome.result} for {len(resident)} persons as {outcome.filing_id}", markup=False)


@protection_app.command("none")
def none_command(
    operator: Operator,
    on: Day = "",
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Say that all of whom nobody has said it yet are not protected: after a takeover, once its protections are filed.

    Example: kairan protection none --operator counter-1
    """
    from producers.register.protection.desk import tell_none

    told = {"filing_id": uuid4(), "operator": operator, "filed_on": on or _today()}
    with refusals():
        settings = load_settings()
        count = asyncio.run(tell_none(settings, city_of(settings, municipality), told))
    if as_json:
        print_json({"persons": count})
    else:
        console.print(f"{count} persons are known not to be protected from now on")


@protection_app.command("list")
def list_command(
    operator: Operator,
    purpose: Why,
    case: Case,
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List the protections that stand, with what to review; the look is logged, for each person it shows.

    Example: kairan protection list --operator counter-1 --purpose 'monthly review' --case 2026-0001
    """
    from producers.register.access import Occasion
    from producers.register.protection.desk import look_at

    with refusals():
        settings = load_settings()
        found = asyncio.run(look_at(settings, city_of(settings, municipality), Occasion(operator, purpose, case)))
    today = datetime.fromisoformat(_today()).date()
    rows: list[dict[str, object]] = [
        {"resident": who, "status": p.status, "level": p.level, "begins_on": p.begins_on.isoformat(),
         "ends_on": p.ends_on and p.ends_on.isoformat(), "review": p.notice(today) is not None}
        for who, p in sorted(found.items())
    ]  # fmt: skip
    _show(rows, "nobody is protected", as_json=as_json)


@protection_app.command("recalls")
def recalls_command(
    show_residents: Annotated[  # noqa: FBT002
        bool, typer.Option("--show-residents", help="name them by addressee number; the look is logged")
    ] = False,
    operator: Annotated[str, typer.Option(help="account of the clerk, with --show-residents")] = "",
    purpose: Annotated[str, typer.Option(help="for what, with --show-residents")] = "",
    case: Annotated[str, typer.Option(help="reception number, with --show-residents")] = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show who held an address when a protection began, and who has answered; exit 2 where somebody must act.

    Example: kairan protection recalls --json
    """
    from hub.protection.recalls import recalls
    from producers.register.access import Occasion

    with refusals():
        settings = load_settings()
        found = asyncio.run(recalls(settings))
        if show_residents:
            asyncio.run(_logged(settings, found, Occasion(operator, purpose, case)))
    if as_json or show_residents:
        _show([_row(each, name=show_residents) for each in found], "nothing was recalled", as_json=as_json)
    else:
        _count(found)
    if any(each.needs_somebody for each in found):
        raise typer.Exit(DIFFERENCE)


async def _logged(settings: Settings, found: "list[HeldAddress]", occasion: "Occasion") -> None:
    """Nobody is named before it stands in the log."""
    from producers.register.protection.desk import look_at

    for municipality in sorted({each.municipality for each in found}):
        persons = sorted({each.resident for each in found if each.municipality == municipality})
        await look_at(settings, municipality, occasion, persons)


def _row(held: "HeldAddress", *, name: bool) -> dict[str, object]:
    told = {field: value.isoformat() if isinstance(value, datetime) else value for field, value in asdict(held).items()}
    if not name:
        del told["resident"]
    return {**told, "needs_somebody": held.needs_somebody}


def _count(found: "list[HeldAddress]") -> None:
    told = Counter((each.municipality, each.recipient, each.standing, each.is_late) for each in found)
    for (municipality, recipient, standing, is_late), count in sorted(told.items()):
        late = ", late" if is_late else ""
        console.print(f"{municipality} {recipient}: {count} {standing}{late}", markup=False)
    if not told:
        console.print("nothing was recalled")


def _show(rows: list[dict[str, object]], nothing: str, *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
    elif rows:
        table = Table(*rows[0])
        for row in rows:
            table.add_row(*("" if cell is None else str(cell) for cell in row.values()))
        console.print(table)
    else:
        console.print(nothing)


def _today() -> str:
    from producers.register.events import JAPAN

    return datetime.now(JAPAN).date().isoformat()
