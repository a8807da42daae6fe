"""``kairan keys``: who has which keys, and the steps of a key's life."""

import typer

from hub.commandline.keys.change import destroy_command, retire_command, rotate_command
from hub.commandline.keys.show import check_command, list_command

KEY_IDS = {"ignore_unknown_options": True}
"""One key id in 64 begins with a hyphen, and is no option for that."""

keys_app = typer.Typer(help="Keys: which there are, and how they come and go.", no_args_is_help=True)
keys_app.command("list")(list_command)
keys_app.command("rotate")(rotate_command)
keys_app.command("retire", context_settings=KEY_IDS)(retire_command)
keys_app.command("destroy", context_settings=KEY_IDS)(destroy_command)
keys_app.command("check")(check_command)
