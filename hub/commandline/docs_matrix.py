"""``kairan docs matrix``: which reason of change is to tell which recipient what."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.table import Table

from hub.commandline.output import AsJson, console, print_json
from topics.declared import declared_grants
from topics.message_matrix import Expectation, message_matrix
from topics.reason_matrix import reason_matrix, removals_in_pairs

AsMarkdown = Annotated[bool, typer.Option("--markdown", help="print the reference page")]
_FOLLOWED = {
    "all": "everybody",
    "numbered": "who has resident code and My Number, and whoever had",
    "unnumbered": "who has a resident code and no My Number yet",
    "interest": "who is on its own list",
    "arrived": "who has come from the counterparty, once",
    "leaving": "who has announced to go to the counterparty",
}
_HEAD = (
    "# Reason × recipient (異動事由と提供先)",
    "",
    "Written by `kairan docs matrix --markdown` from `topics/matrix/` and `topics/codes/reason_matrix.yaml`. What is",
    "sent is decided by each grant's triggers; this is what is expected of them. A test drives the router through",
    "every reason with a Japanese and a foreign resident, with and without numbers, listed and not, and finds these",
    "messages and no others. `–`: nothing. Others of the same filing are told by their own reasons.",
)


def matrix_command(as_json: AsJson = False, markdown: AsMarkdown = False) -> None:  # noqa: FBT002
    """Show which reason tells which recipient what. Example: kairan docs matrix --markdown"""
    if markdown:
        typer.echo(matrix_page(), nl=False)
    elif as_json:
        print_json([{"reason": reason, "residents": residents, **cells} for reason, residents, cells in _rows()])
    else:
        table = Table("reason", "residents", *message_matrix())
        for reason, residents, cells in _rows():
            table.add_row(reason, residents, *(cell or "–" for cell in cells.values()))
        console.print(table)


def matrix_page() -> str:
    """The page ``docs/reference/matrix.md``."""
    recipients = message_matrix().values()
    head = f"| reason | residents | {' | '.join(f'{each.recipient} ({each.channel.value})' for each in recipients)} |"
    lines = [*_HEAD, "", head, "|---" * (2 + len(recipients)) + "|"]
    lines += [f"| `{reason}` | {who} | {' | '.join(cell or '–' for cell in cells.values())} |"
              for reason, who, cells in _rows()]  # fmt: skip
    for each in recipients:
        lines += ["", *_section(each)]
    return "\n".join(lines) + "\n"


def _rows() -> Iterator[tuple[str, str, dict[str, str | None]]]:
    pairs = removals_in_pairs(reason_matrix().values())
    for reason, row in reason_matrix().items():
        if reason not in pairs:
            cells = {name: _cell(each, reason) for name, each in message_matrix().items()}
            yield reason, ", ".join(sorted(row.residents)), cells


def _cell(expectation: Expectation, reason: str) -> str | None:
    kind = expectation.kind(reason)
    return None if kind is None else kind.value


def _section(expectation: Expectation) -> Iterator[str]:
    grant = next(grant for grant in declared_grants() if grant.declaration == expectation.recipient)
    yield f"## {expectation.recipient}"
    yield ""
    yield f"Told of {_FOLLOWED[grant.population]}."
    for title, reasons in (("Tells nothing", expectation.silent), ("Tells all the same", expectation.beyond)):
        if reasons:
            yield from ("", f"{title}, and why:", "", *(f"- `{reason}`: {why}" for reason, why in reasons.items()))
