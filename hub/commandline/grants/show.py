"""``kairan grants list | show``: the declared grants, and whether each is in force."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.grants.files import declared, named, requested
from hub.commandline.output import AsJson, console, print_json, refusals
from topics.grant import Grant
from topics.legal_bases import legal_bases
from topics.obstacles import obstacles
from topics.ranges import ranges
from topics.scope import CATALOGUES

Recipient = Annotated[str, typer.Argument(help="a recipient that has a grant")]


def list_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List all grants. Example: kairan grants list --json"""
    with refusals():
        grants = declared()
    if as_json:
        print_json([_summary(grant) for grant in grants])
        return
    table = Table("recipient", "items", "numbers", "population", "valid", "in force")
    for grant in grants:
        told = _summary(grant)
        table.add_row(grant.recipient, *(str(told[column]) for column in ("items", "numbers", "population", "valid")),
                      "no: " + _reasons(grant) if _reasons(grant) else "yes")  # fmt: skip
    console.print(table)
    for name in requested():
        console.print(f"the request of {name} waits for a review: kairan grants review {name}", markup=False)


def show_command(recipient: Recipient, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show one grant with its items, grounds and trail. Example: kairan grants show welfare"""
    with refusals():
        grant = named(recipient)
    if as_json:
        print_json({**grant.model_dump(mode="json"), **_summary(grant)})
        return
    for line in _lines(grant):
        console.print(line, markup=False)
    console.print(_items(grant))


def _lines(grant: Grant) -> list[str]:
    basis = ", ".join(legal_bases()[key].named() if key in legal_bases() else key for key in grant.legal_basis)
    lines = [grant.title, f"purpose    {grant.purpose}", f"basis      {basis}"]
    lines.append(f"requested  {grant.request.received_on} by {grant.request.requester}")
    lines.append(f"letter     sha256 {grant.request.letter_sha256}")
    if grant.review is not None:
        lines.append(f"reviewed   {grant.review.decided_on} by {grant.review.reviewer}: {grant.review.decision}")
    for word, halt in (("suspended", grant.suspended), ("ended", grant.ended)):
        if halt is not None:
            lines.append(f"{word:<10} {halt.since} by {halt.by}: {halt.reason}")
    lines.append(f"in force   {'no: ' + _reasons(grant) if _reasons(grant) else 'yes'}")
    lines.append(f"timing     {_timing(grant)}")
    lines.append(f"tells      {', '.join(grant.delivery_fields) or 'nothing of the change itself'}")
    return [*lines, f"may send   {', '.join(grant.may_send) or 'nothing for the register'}"]


def _timing(grant: Grant) -> str:
    if grant.timing is None:
        return f"real time, at the latest after {grant.limit_minutes()} minutes"
    return f"at the end of {grant.timing.window_minutes} minutes, at the latest after {grant.limit_minutes()}"


def _items(grant: Grant) -> Table:
    catalogue = CATALOGUES[grant.catalogue]
    table = Table("item", "name", "field", "triggers", title=f"{len(grant.items)} items of the {catalogue.name} file")
    for number in grant.items:
        item = catalogue.by_number[number]
        table.add_row(str(number), item.name_ja, item.field, "yes" if number in grant.triggers else "")
    return table


def _summary(grant: Grant) -> dict[str, object]:
    found = obstacles(grant, datetime.now(UTC).date())
    numbers = [name for name in ("my_number", "resident_code") if getattr(grant.numbers, name)]
    return {
        "recipient": grant.recipient,
        "items": ranges(grant.items),
        "numbers": ", ".join(numbers) or "none",
        "population": grant.population,
        "valid": f"{grant.valid_from} to {grant.valid_to}",
        "in_force": not found,
        "obstacles": [{"code": obstacle.code, "sentence": obstacle.sentence} for obstacle in found],
    }


def _reasons(grant: Grant) -> str:
    return "; ".join(obstacle.sentence for obstacle in obstacles(grant, datetime.now(UTC).date()))
