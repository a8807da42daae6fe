"""``kairan grants``: who may get what, on what ground, how that came about, and what it means for a change."""

import typer

from hub.commandline.grants.explain import explain_command
from hub.commandline.grants.preview import preview_command
from hub.commandline.grants.show import list_command, show_command
from hub.commandline.grants.trail import end_command, request_command, review_command, suspend_command

grants_app = typer.Typer(help="Grants: who may get which items, and on what ground.", no_args_is_help=True)
grants_app.command("list")(list_command)
grants_app.command("show")(show_command)
grants_app.command("request")(request_command)
grants_app.command("review")(review_command)
grants_app.command("suspend")(suspend_command)
grants_app.command("end")(end_command)
grants_app.command("explain")(explain_command)
grants_app.command("preview")(preview_command)
