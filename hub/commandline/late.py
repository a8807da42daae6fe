"""Commands that are imported when they are called: neither a role nor a question waits for other commands' imports."""

from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import typer
from typer._click import Command, Context
from typer.core import TyperGroup
from typer.main import get_command


class Late(TyperGroup):
    """A group whose `places` name commands not imported yet: ``module:object``, a function or a Typer, by command."""

    places: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: Context) -> list[str]:
        """The commands that come late, then those that are here."""
        return [*self.places, *super().list_commands(ctx)]

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The command of that name, imported now if it has not been."""
        if cmd_name in self.places and cmd_name not in self.commands:
            command = _imported(self.places[cmd_name])
            command.name = cmd_name  # a group has no name of its own, and would stand in the help without one
            self.add_command(command)
        return super().get_command(ctx, cmd_name)


def _imported(place: str) -> Command:
    module, _, name = place.partition(":")
    found = getattr(import_module(module), name)
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command()(found)
    return get_command(alone)
