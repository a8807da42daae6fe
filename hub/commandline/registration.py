"""``kairan registration``: records of the prefecture that take no update (更新禁止・排他); names nobody."""

import asyncio
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from hub.commandline.city import City
from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.served import city_of
from infra.runtime.settings import load_settings

if TYPE_CHECKING:
    from consumers.prefecture.marks import Marked

registration_app = typer.Typer(help="Records of the prefecture that take no update.", no_args_is_help=True)


class MarkName(StrEnum):
    """Frozen (更新禁止), or another process has the record (排他)."""

    UPDATE_FORBIDDEN = "update-forbidden"
    EXCLUSIVE = "exclusive"


Subject = Annotated[str, typer.Argument(help="the pseudonym under which the prefecture has filed the record")]
By = Annotated[str, typer.Option("--by", metavar="PERSON", help="account of the person who does it")]


@registration_app.command("mark")
def mark_command(
    subject: Subject,
    by: By,
    reason: Annotated[str, typer.Option(help="why, without digits; it stays on record")],
    mark: Annotated[MarkName, typer.Option(help="which")] = MarkName.UPDATE_FORBIDDEN,
    municipality: City = "",
) -> None:
    """Refuse updates of a record. Example: kairan registration mark 5f2c --reason "under inquiry" --by officer-1"""
    from consumers.prefecture.marks import put_mark

    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        asyncio.run(put_mark(settings, city, subject, mark.value, by=by, reason=reason))
    console.print("updates of the record are refused from now on")


@registration_app.command("unmark")
def unmark_command(subject: Subject, by: By, municipality: City = "") -> None:
    """Take updates of a record again. Example: kairan registration unmark 5f2c --by officer-1"""
    from consumers.prefecture.marks import take_mark_off

    with refusals():
        settings = load_settings()
        asyncio.run(take_mark_off(settings, city_of(settings, municipality), subject, by=by))
    console.print("updates are taken again; what was refused is sent again by the city: kairan worklist resend")


@registration_app.command("list")
def list_command(municipality: City = "", as_json: AsJson = False) -> None:  # noqa: FBT002
    """List the records that take no update. Example: kairan registration list --json"""
    from consumers.prefecture.marks import marks

    with refusals():
        settings = load_settings()
        found = asyncio.run(marks(settings, city_of(settings, municipality)))
    if as_json:
        print_json([asdict(each) | {"made_at": each.made_at.isoformat(timespec="seconds")} for each in found])
    else:
        console.print(_table(found) if found else "every record takes updates")


def _table(found: "list[Marked]") -> Table:
    table = Table("subject", "mark", "by", "reason", "since")
    for each in found:
        table.add_row(each.subject, each.mark, each.made_by, each.reason, f"{each.made_at:%Y-%m-%d %H:%M}")
    return table
