"""``kairan docs failures``: every code on the way of a delivery, and what is done about it."""

from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.output import AsJson, console, print_json
from infra.runtime.failures import FAILURES, WHAT_IS_DONE, FailureClass

AsMarkdown = Annotated[bool, typer.Option("--markdown", help="print the reference page")]
_HEAD = (
    "# Failures (障害の区分)",
    "",
    "Written by `kairan docs failures --markdown` from `infra/runtime/failures.py`. Every code that a delivery may",
    "meet on its way belongs to exactly one class. What is parked is settled with `kairan parked`",
    "([how](../how-to/parked.md)).",
)


def failures_command(as_json: AsJson = False, markdown: AsMarkdown = False) -> None:  # noqa: FBT002
    """Show every failure's class and what is done about it. Example: kairan docs failures --markdown"""
    if markdown:
        typer.echo(failures_page(), nl=False)
    elif as_json:
        print_json([{"code": one.code, "class": one.failure_class, "says": one.says} for one in FAILURES])
    else:
        table = Table("code", "class", "what it says")
        for one in FAILURES:
            table.add_row(one.code, one.failure_class, one.says)
        console.print(table)


def failures_page() -> str:
    """The page ``docs/reference/failures.md``."""
    return "\n".join([*_HEAD, *(line for one in FailureClass for line in _section(one))]) + "\n"


def _section(failure_class: FailureClass) -> list[str]:
    head = ["", f"## {failure_class.value}", "", f"{WHAT_IS_DONE[failure_class].capitalize()}.", ""]
    rows = [f"| `{one.code}` | {one.says} |" for one in FAILURES if one.failure_class is failure_class]
    return [*head, "| code | what it says |", "|---|---|", *rows]
