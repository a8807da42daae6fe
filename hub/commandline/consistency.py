"""``kairan consistency``: what stands at a recipient against what ought to, by register and grant (整合性確認)."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from hub.commandline.city import City
from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.served import city_of
from infra.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from consumers.kit.consistency import Compared
    from topics.grant import Grant

consistency_app = typer.Typer(
    help="The periodic check of consistency with a recipient (整合性確認).", no_args_is_help=True
)
CHECKED = "prefecture"


@consistency_app.callback()
def _of_consistency() -> None:
    """One command among more to come is still named."""


@consistency_app.command("check")
def check_command(
    recipient: Annotated[str, typer.Option(help="whose copy is checked")] = CHECKED,
    municipality: City = "",
    repair: Annotated[bool, typer.Option("--repair", help="have what differs told anew, and surplus dropped")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Compare a recipient's copy with the register under its grant; exit 2 when they differ.

    Example: kairan consistency check --recipient prefecture --repair
    """
    with refusals():
        settings = load_settings()
        city = city_of(settings, municipality)
        found = asyncio.run(run_check(settings, _grant(settings, recipient), city, repair=repair))
    if as_json:
        print_json(_told(recipient, city, found, repair=repair))
    else:
        _show(recipient, city, found, repair=repair)
    if not found.equal:
        raise typer.Exit(DIFFERENCE)


async def run_check(settings: Settings, grant: "Grant", municipality: str, *, repair: bool = False) -> "Compared":
    """Make the list, hand it over, compare, and have it put right when `repair`; raises `Refusal`."""
    from consumers.kit.consistency_list import read_list
    from consumers.kit.lane import close_lanes, open_lanes
    from consumers.prefecture.consistency import ConsistencyCheck
    from consumers.service import recipient_named
    from hub.consistency import write_list
    from infra.check.consistency import consistency_list
    from infra.runtime.key_ring import KeyRing

    ring = KeyRing(settings)
    path = write_list(settings, ring, grant, await consistency_list(settings, municipality, grant))
    party = recipient_named(settings, grant.recipient, ring)
    lanes = await open_lanes(settings.model_copy(update={"municipalities": (municipality,)}), party, ring)
    try:
        (lane,) = lanes.values()
        check = ConsistencyCheck(lane, party.key)
        found = await check.compare(read_list(settings, ring, grant, municipality, path))
        if repair and found.differences:
            await check.repair(found.differences)
    finally:
        await close_lanes(list(lanes.values()))
    return found


def _grant(settings: Settings, recipient: str) -> "Grant":
    from hub.commandline.deployment import grants_now

    granted = {grant.recipient: grant for grant in grants_now(settings)}
    if recipient != CHECKED or recipient not in granted:
        raise Refusal("CONSISTENCY-RECIPIENT", f"recipient: {CHECKED}, while its grant is in force")
    return granted[recipient]


def _told(recipient: str, municipality: str, found: "Compared", *, repair: bool) -> dict[str, object]:
    return {
        "recipient": recipient,
        "municipality": municipality,
        "equal": found.equal,
        "compared": found.compared,
        "under_way": found.under_way,
        "kept_back": found.kept_back,
        "untold": found.untold,
        "differences": [each.to_json() for each in found.differences],
        "repairing": repair and bool(found.differences),
    }


def _show(recipient: str, municipality: str, found: "Compared", *, repair: bool) -> None:
    """The result list (整合結果リスト)."""
    passed = f"{found.under_way} under way, {found.kept_back} waiting or parked, {found.untold} never told of"
    verdict = "equal" if found.equal else f"{len(found.differences)} differ"
    console.print(f"{recipient} {municipality}: {found.compared} residents compared, {verdict}; {passed}", markup=False)
    for each in found.differences:
        items = f", items {', '.join(map(str, each.items))}" if each.items else ""
        console.print(f"  {each.kind} {each.subject}{items}", markup=False, soft_wrap=True)
    if repair and found.differences:
        console.print("what is missing or different is told anew; what is surplus was dropped: check again")
