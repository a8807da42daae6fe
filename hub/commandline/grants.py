"""``kairan grants``: who may get what, why, and whether that is in force."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.output import console, print_json, refusals
from infra.runtime.refusals import Refusal
from topics.grant import CATALOGUES, Grant, declared_grants

grants_app = typer.Typer(help="Grants: who may get which items, and on what ground.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="print JSON for programs")]


@grants_app.command("list")
def list_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List all grants. Example: kairan grants list --json"""
    with refusals():
        grants = _declared()
    if as_json:
        print_json([_summary(grant) for grant in grants])
        return
    table = Table("recipient", "items", "numbers", "population", "valid", "in force")
    for grant in grants:
        told = _summary(grant)
        table.add_row(grant.recipient, *(str(told[column]) for column in ("items", "numbers", "population", "valid")),
                      "yes" if told["in_force"] else f"no: {told['refusal']}")  # fmt: skip
    console.print(table)


@grants_app.command("show")
def show_command(
    recipient: Annotated[str, typer.Argument(help="a recipient that has a grant")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show one grant with its items, grounds and review. Example: kairan grants show welfare"""
    with refusals():
        grant = _named(recipient)
    if as_json:
        print_json({**grant.model_dump(mode="json"), **_summary(grant)})
        return
    basis = ", ".join(f"{each.law} {each.article}" for each in grant.legal_basis)
    review = grant.review
    console.print(f"{grant.title}\npurpose    {grant.purpose}\nbasis      {basis}", markup=False)
    console.print(f"requested  {grant.request.received_on} by {grant.request.requester}", markup=False)
    if review is not None:
        console.print(f"reviewed   {review.decided_on} by {review.reviewer}: {review.decision}", markup=False)
    console.print(_items(grant))


def _items(grant: Grant) -> Table:
    catalogue = CATALOGUES[grant.catalogue]
    table = Table("item", "name", "field", "triggers", title=f"{len(grant.items)} items of the {catalogue.name} file")
    for number in grant.items:
        item = catalogue.by_number[number]
        table.add_row(str(number), item.name_ja, item.field, "yes" if number in grant.triggers else "")
    return table


def _summary(grant: Grant) -> dict[str, object]:
    refusal = grant.refusal_on(datetime.now(UTC).date())
    numbers = [name for name in ("my_number", "resident_code") if getattr(grant.numbers, name)]
    return {
        "recipient": grant.recipient,
        "items": _ranges(grant.items),
        "numbers": ", ".join(numbers) or "none",
        "population": grant.population,
        "valid": f"{grant.valid_from} to {grant.valid_to}",
        "in_force": refusal is None,
        "refusal": refusal,
    }


def _ranges(numbers: tuple[int, ...]) -> str:
    """Item numbers as people write them: 1-17, 23."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _declared() -> tuple[Grant, ...]:
    try:
        return declared_grants()
    except ValueError as error:
        raise Refusal("KRN-GRANT", str(error)) from None


def _named(recipient: str) -> Grant:
    grants = {grant.recipient: grant for grant in _declared()}
    if recipient not in grants:
        raise Refusal("KRN-GRANT", f"there is no grant for {recipient}; there are {', '.join(grants)}")
    return grants[recipient]
