"""The option by which a command is told its municipality."""

from typing import Annotated

import typer

City = Annotated[str, typer.Option(help="municipality code; the first one served if left out")]
