"""``kairan parked``: what a recipient has parked, looked at and settled; nothing that a record holds is ever shown.

Without ``--yes`` every command tries and undoes: what it prints is what would happen.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table

from hub.commandline.city import City
from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from consumers.kit.parked import Told
    from consumers.kit.repair import Repair, Repaired

Answer = TypeVar("Answer")

parked_app = typer.Typer(help="What a recipient has parked: look at it, and settle it.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="the recipient")]
Offset = Annotated[int, typer.Argument(help="the parked record's offset, as listed", min=0)]
Yes = Annotated[bool, typer.Option("--yes", help="do it; else only what would happen is told")]


@parked_app.command("list")
def list_command(recipient: Who, municipality: City = "", as_json: AsJson = False) -> None:  # noqa: FBT002
    """List what is parked; exit 2 when something is. Example: kairan parked list welfare"""
    with refusals():
        found = asyncio.run(with_repair(load_settings(), recipient, municipality, lambda repair: repair.look()))
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        _show(found)
    if found:
        raise typer.Exit(DIFFERENCE)


@parked_app.command("show")
def show_command(
    recipient: Who,
    offset: Offset,
    municipality: City = "",
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show one parked record's coordinates and what waits behind it. Example: kairan parked show welfare 17"""
    with refusals():
        found = asyncio.run(with_repair(load_settings(), recipient, municipality, lambda repair: repair.look()))
        details = next((one.details() for one in found if one.parked.record.offset == offset), None)
        if details is None:
            raise Refusal("KIT-PARKED-NONE", f"nothing is parked at offset {offset}")
    if as_json:
        print_json(details)
        return
    for name, value in details.items():
        console.print(f"{name}: {value}", markup=False, soft_wrap=True)


@parked_app.command("retry")
def retry_command(
    recipient: Who,
    offsets: Annotated[list[int] | None, typer.Argument(help="offsets; everything parked if left out", min=0)] = None,
    municipality: City = "",
    yes: Yes = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Judge what is parked anew and apply in order what is good now. Example: kairan parked retry welfare --yes"""
    _settle(recipient, municipality, lambda repair: repair.retry(offsets or ()), yes=yes, as_json=as_json)


@parked_app.command("release")
def release_command(
    recipient: Who,
    offset: Offset,
    municipality: City = "",
    yes: Yes = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Pass over a parked delivery: later ones go on, and the hub sends its resident's present state anew.

    Example: kairan parked release welfare 17 --yes
    """
    _settle(recipient, municipality, lambda repair: repair.release(offset), yes=yes, as_json=as_json)


@parked_app.command("discard")
def discard_command(
    recipient: Who,
    offset: Offset,
    by: Annotated[str, typer.Option("--by", help="account of the person who discards")],
    second: Annotated[str, typer.Option("--second", help="account of the second person, who agrees")],
    reason: Annotated[str, typer.Option("--reason", help="why, in one sentence without personal data")],
    municipality: City = "",
    yes: Yes = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Give a parked record up with all that waits behind it; entered in the ledger, and told anew.

    Example: kairan parked discard welfare 17 --by desk-1 --second desk-2 --reason 'unreadable since the upgrade' --yes
    """
    from consumers.kit.repair import Decision

    with refusals():
        decision = Decision(reason, by, second)
    _settle(recipient, municipality, lambda repair: repair.discard(offset, decision), yes=yes, as_json=as_json)


def _settle(
    recipient: str,
    municipality: str,
    act: "Callable[[Repair], Awaitable[Repaired]]",
    *,
    yes: bool,
    as_json: bool,
) -> None:
    with refusals():
        done = asyncio.run(with_repair(load_settings(), recipient, municipality, act, keep=yes))
    if as_json:
        print_json({"done": yes, **asdict(done)})
        return
    parked = sum(done.parked.values())
    codes = f" ({', '.join(f'{code} {count}' for code, count in sorted(done.parked.items()))})" if parked else ""
    told = f"{done.applied} applied, {done.held} held, {parked} parked still{codes}, {done.given_up} given up"
    console.print(told if yes else f"would be: {told}; add --yes to do it", markup=False, soft_wrap=True)


async def with_repair(
    settings: Settings,
    recipient: str,
    municipality: str,
    act: "Callable[[Repair], Awaitable[Answer]]",
    *,
    keep: bool = False,
) -> Answer:
    """What `act` answers on the recipient's lane of one municipality; raises `Refusal`."""
    from consumers.kit.lane import close_lanes, open_lanes
    from consumers.kit.repair import Repair
    from consumers.service import recipient_named
    from infra.runtime.key_ring import KeyRing

    settings = _of_city(settings, municipality)
    ring = KeyRing(settings)
    party = recipient_named(settings, recipient, ring)
    lanes = await open_lanes(settings, party, ring)
    try:
        (lane,) = lanes.values()
        return await act(Repair(party, lane, keep=keep))
    finally:
        await close_lanes(list(lanes.values()))


async def look_at(settings: Settings, recipient: str, municipality: str) -> list[dict[str, object]]:
    """What the recipient has parked, as ``list --json`` tells it; raises `Refusal`."""
    found = await with_repair(settings, recipient, municipality, lambda repair: repair.look())
    return [one.to_json() for one in found]


async def retry_for_good(
    settings: Settings, recipient: str, municipality: str, offsets: Sequence[int]
) -> dict[str, object]:
    """Retry these offsets, or everything, as ``retry --yes`` does; raises `Refusal`."""
    return asdict(await with_repair(settings, recipient, municipality, lambda each: each.retry(offsets), keep=True))


def _of_city(settings: Settings, municipality: str) -> Settings:
    return settings.model_copy(update={"municipalities": (city_of(settings, municipality),)})


def _show(found: "list[Told]") -> None:
    table = Table("offset", "code", "class", "number", "subject", "sequence", "hours", "behind", "residents")
    now = datetime.now(UTC)
    for one in found:
        told, hours = one.to_json(), (now - one.parked.since).total_seconds() / 3600
        place = (str(told.get(name, "–")) for name in ("number", "subject", "sequence"))
        counts = (f"{hours:.1f}", str(told["behind"]), str(told["residents"]))
        table.add_row(str(told["offset"]), str(told["code"]), str(told["failure"]), *place, *counts)
    console.print(table)
    console.print(f"{len(found)} parked, {len({each for one in found for each in one.behind})} wait behind them")
