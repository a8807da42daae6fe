"""``kairan grants preview``: what a proposed grant would have changed over the past. Needs the auditor's access."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from hub.commandline.grants.files import declared, read, today
from hub.commandline.output import AsJson, console, print_json, refusals
from infra.check.preview import Difference, Impact, Span, impact
from infra.check.sources import read_histories, read_listed, read_protections
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings
from topics.grant import Grant
from topics.obstacles import obstacles


def preview_command(
    file: Annotated[Path, typer.Argument(help="the proposed grant, as YAML", exists=True, dir_okay=False)],
    days: Annotated[int, typer.Option(min=1, help="how far back to replay")] = 365,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Replay past changes under a proposed grant: what would have been told more, or less.

    Example: kairan grants preview topics/grants/requested/welfare.yaml
    """
    with refusals():
        proposed = read(file)
        if proposed is None:
            raise Refusal("KRN-GRANT", f"{file.name} is not there")
        found = asyncio.run(_impact(load_settings(), proposed, datetime.now(UTC) - timedelta(days=days)))
    if as_json:
        print_json(asdict(found))
        return
    for line in _lines(found):
        console.print(line, markup=False)


async def _impact(settings: Settings, proposed: Grant, since: datetime) -> Impact:
    current = {grant.recipient: grant for grant in declared()}.get(proposed.recipient)
    present = current if current is not None and not obstacles(current, today()) else None
    return await impact_of(settings, present, proposed, since)


async def impact_of(settings: Settings, present: Grant | None, proposed: Grant, since: datetime) -> Impact:
    """What `proposed` would have changed against `present` since then, in all municipalities; read as the auditor."""
    spans = [await _span(settings, municipality, proposed.recipient, since) for municipality in settings.municipalities]
    return impact(present, proposed, spans)


async def _span(settings: Settings, municipality: str, recipient: str, since: datetime) -> Span:
    listed = await read_listed(settings, municipality, recipient)
    protections = await read_protections(settings, municipality)
    return Span(await read_histories(settings, municipality), listed, since, protections)


def _lines(found: Impact) -> list[str]:
    wider = f"wider in     {'; '.join(found.wider)}: needs a second person's review"
    return [
        f"items        {_both(found.items)}",
        f"persons      {_both(found.persons)}",
        f"disclosures  {_both(found.disclosures)}; {found.fuller} would tell more, {found.barer} less",
        wider if found.wider else "not wider    it takes effect by one person's word",
    ]


def _both(difference: Difference) -> str:
    added, removed = (_told(value) for value in (difference.added, difference.removed))
    return f"+{added} -{removed}"


def _told(value: tuple[int, ...] | int) -> str:
    return str(value) if isinstance(value, int) else (", ".join(map(str, value)) or "0")
