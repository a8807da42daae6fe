"""``kairan settings``: every setting with its value here, its default and its meaning."""

from typing import Annotated, Any

import typer
from rich.table import Table

from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.settings import PREFIX, Settings, load_settings


def settings(
    as_json: AsJson = False,  # noqa: FBT002
    markdown: Annotated[bool, typer.Option("--markdown", help="print the reference page")] = False,  # noqa: FBT002
) -> None:
    """Show every setting. Example: KAIRAN_LOG_LEVEL=DEBUG kairan settings"""
    if markdown:
        typer.echo(reference(), nl=False)
        return
    with refusals():
        values = load_settings().model_dump(mode="json")
    if as_json:
        print_json({PREFIX + name.upper(): value for name, value in values.items()})
        return
    table = Table("setting", "value", "meaning")
    for name, field in Settings.model_fields.items():
        table.add_row(PREFIX + name.upper(), _text(values[name]), field.description)
    console.print(table)


def reference() -> str:
    """The page ``docs/reference/settings.md``."""
    rows = [
        f"| `{PREFIX}{name.upper()}` | `{_text(field.default)}` | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    head = "# Settings\n\nRead from the environment, then `cluster.env` in the state directory, then these defaults.\n"
    return "\n".join([head, "| variable | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
