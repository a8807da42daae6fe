"""Commands as a user of the deployment would type them."""

import asyncio

from typer.testing import CliRunner, Result

from hub.commandline.main import app
from infra.runtime.settings import Settings, environment_of


async def typed(settings: Settings, *words: str) -> Result:
    """What ``kairan <words>`` comes to."""
    shell = CliRunner(env=environment_of(settings.model_dump()))
    return await asyncio.to_thread(shell.invoke, app, list(words))


async def done(settings: Settings, *words: str) -> Result:
    """The same, of a command that must succeed."""
    result = await typed(settings, *words)
    assert result.exit_code == 0, result.stderr
    return result
