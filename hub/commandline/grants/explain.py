"""``kairan grants explain``: why a change was sent to a recipient, or why it was not. Needs the auditor's access."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.grants.files import named, today
from hub.commandline.output import AsJson, console, print_json, refusals
from infra.check.explain import Explanation, Facts, Told, explain
from infra.check.protection import UNPROTECTED, withheld
from infra.check.sources import (
    Version,
    read_histories,
    read_listed,
    read_next_position,
    read_protections,
    read_sent,
    read_waits,
)
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings
from topics.grant import Grant
from topics.obstacles import obstacles


def explain_command(
    recipient: Annotated[str, typer.Option(help="a recipient that has a grant")],
    change: Annotated[str, typer.Option(help="the change's event id, or municipality:position")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Say why a change was sent or not, item by item, by name and never by value.

    Example: kairan grants explain --recipient welfare --change 142158:42
    """
    with refusals():
        answer = asyncio.run(_explain(load_settings(), named(recipient), change))
    if as_json:
        print_json(asdict(answer))
        return
    console.print(f"{answer.why}: {answer.sentence}", markup=False)
    console.print(_table("sent", answer.sent), _table("withheld", answer.withheld))


async def _explain(settings: Settings, grant: Grant, change: str) -> Explanation:
    for municipality in settings.municipalities:
        histories = await read_histories(settings, municipality)
        for resident, history in histories.items():
            version = next((each for each in history if _is(change, municipality, each)), None)
            if version is not None:
                return explain(await _facts(settings, municipality, grant, resident, history, version))
    raise Refusal("KRN-CHANGE", "no such change; give its event id (ce_id) or municipality:position")


def _is(change: str, municipality: str, version: Version) -> bool:
    return change in (str(version.event_id), f"{municipality}:{version.position}")


async def _facts(
    settings: Settings, municipality: str, grant: Grant, resident: str, history: list[Version], version: Version
) -> Facts:
    timeline = (await read_protections(settings, municipality)).get(resident, UNPROTECTED)
    listed = await read_listed(settings, municipality, grant.recipient) if grant.population == "interest" else None
    return Facts(
        grant=grant,
        obstacles=obstacles(grant, today()),
        history=history,
        version=version,
        deliveries=await read_sent(settings, municipality, grant.recipient, resident),
        is_listed=None if listed is None else resident in listed,
        next_position=await read_next_position(settings, municipality),
        waits=await read_waits(settings, municipality, grant, resident, version),
        protected=withheld(grant, timeline.at(version.position)),
    )


def _table(title: str, told: tuple[Told, ...]) -> Table:
    table = Table("item", "name", *(["why"] if title == "withheld" else []), title=f"{len(told)} items {title}")
    for each in told:
        table.add_row(str(each.number), each.name, *([each.why] if title == "withheld" else []))
    return table
