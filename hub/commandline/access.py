"""``kairan access``: the access log's review list, the list of staff, and how good the rules are."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.city import City
from hub.commandline.output import AsJson, console, print_json, refusals
from hub.watch.access.outcomes import NoteCode, Outcome
from infra.runtime.served import city_of
from infra.runtime.settings import load_settings

access_app = typer.Typer(help="The access log: alerts, their review, and the rules' score.", no_args_is_help=True)

Alert = Annotated[str, typer.Argument(help="an alert's id, as the list shows it")]
By = Annotated[str, typer.Option(help="account of the person who asks")]


@access_app.command("alerts")
def alerts_command(
    every: Annotated[bool, typer.Option("--all", help="also those that were reviewed")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show what waits for a review, without operators and residents. Example: kairan access alerts --json"""
    from hub.watch.access.review import failed_entries, listed

    with refusals():
        settings = load_settings()
        found = asyncio.run(listed(settings, reviewed=every))
        failed = asyncio.run(failed_entries(settings))
    rows = [{**asdict(one), "first_day": str(one.first_day), "last_day": str(one.last_day),
             "raised_at": one.raised_at.isoformat()} for one in found]  # fmt: skip
    if as_json:
        print_json({"alerts": rows, "failed_entries": failed})
        return
    table = Table("alert", "rule", "days", "look-ups", "why", "outcome")
    for one in found:
        why = ", ".join(f"{name} {value:.3g}" for name, value in one.figures.items())
        days = str(one.first_day) if one.first_day == one.last_day else f"{one.first_day} to {one.last_day}"
        table.add_row(one.alert, one.rule, days, str(one.lookups), why, one.outcome or "waits")
    console.print(table)
    if failed:
        console.print(f"{failed} entries could not be taken in; the analysis's log says where", style="red")


@access_app.command("show")
def show_command(alert: Alert, by: By, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show one alert with its operator; that you looked is kept. Example: kairan access show 0a1b… --by reviewer-1"""
    from hub.watch.access.review import show

    with refusals():
        shown = asyncio.run(show(load_settings(), alert, by))
    if as_json:
        print_json({**asdict(shown), "lookups": [str(one) for one in shown.lookups]})
        return
    about = f", resident {shown.subject}" if shown.subject else ""
    console.print(f"{shown.rule} {shown.operator}{about}, {len(shown.lookups)} look-ups:", markup=False)
    for lookup in shown.lookups:
        console.print(f"  {lookup}", markup=False)


@access_app.command("review")
def review_command(
    alert: Alert,
    outcome: Annotated[Outcome, typer.Option(help="what the review came to")],
    by: By,
    note_code: Annotated[NoteCode, typer.Option(help="why, in a word")],
) -> None:
    """Enter what a review came to; never by the operator concerned.

    Example: kairan access review 0a1b2c3d4e5f6071 --outcome justified --by reviewer-1 --note-code case-found
    """
    from hub.watch.access.review import review

    with refusals():
        asyncio.run(review(load_settings(), alert, outcome, by, note_code))
    console.print(f"{alert}: {outcome}", markup=False)


@access_app.command("staff")
def staff_command(
    file: Annotated[Path, typer.Argument(help="YAML: account, addressee_number, since, until, leave", exists=True)],
    municipality: City = "",
) -> None:
    """Take the list of staff over, in the place of the one before. Example: kairan access staff staff.yaml"""
    from producers.register.staff import read_staff, save_staff

    with refusals():
        settings = load_settings()
        members = read_staff(file)
        asyncio.run(save_staff(settings, city_of(settings, municipality), members))
    console.print(f"{len(members)} accounts on the list of staff")


@access_app.command("score")
def score_command(
    days: Annotated[int, typer.Option(min=1, max=1000, help="length of the synthetic year")] = 365,
    seed: Annotated[int, typer.Option(help="which year")] = 7,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Try the rules on a synthetic year with planted misuse. Example: kairan access score --days 365 --json"""
    from hub.watch.access.scoring import raised, score
    from producers.synthetic.operators.year import year_of

    year = year_of(seed, days)
    scored = score(raised(year.entries), year.planted, days)
    if as_json:
        told = {"days": days, "seed": seed, "entries": len(year.entries), "planted": len(set(year.planted.values()))}
        print_json({**told, "rules": [one.to_json() for one in scored]})
        return
    table = Table("rule", "says", "alerts", "precision", "recall", "by any rule", "false alarms a day")
    for one in scored:
        shares = [share.told() for share in (one.precision, one.recall, one.caught)]
        table.add_row(one.rule, one.title, str(one.precision.whole), *shares, f"{one.false_a_day:.3f}")
    console.print(table)
    console.print(f"{len(year.entries)} entries of {days} synthetic days, seed {seed}; intervals by Wilson, 95 %")
