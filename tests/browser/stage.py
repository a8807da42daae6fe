"""What there is to see on a deployment whose pages are shown in pictures.

By the commands themselves: a backup and its proof, abuse that is refused, a request that waits. By the tests' hands:
alerts, and a parked resident with two deliveries behind her.
"""

import asyncio
import os
import re
import sys
from pathlib import Path

from infra.runtime.settings import Settings, environment_of
from tests.browser.alerts import raise_alerts
from tests.browser.parking import park
from tests.browser.seen import Seen

CHANGES = 60
REQUESTER = "welfare-office-2"


async def happen(seen: Seen, scratch: Path) -> None:
    """Let it all happen; files that commands need lie in `scratch`."""
    await seen.deployment.live(CHANGES)
    await seen.deployment.settle()
    await _exercise(seen.settings, scratch)
    await _request(seen.settings, scratch)
    await raise_alerts(seen)
    await park(seen)


async def _exercise(settings: Settings, scratch: Path) -> None:
    await _command(settings, "backup")
    await _command(settings, "restore", "--to", str(scratch / "proof"))
    await _command(settings, "drill", "abuse")


async def _request(settings: Settings, scratch: Path) -> None:
    """Somebody asks for the welfare grant to tell the reason as well."""
    assert settings.grants_directory is not None
    letter, proposal = scratch / "letter.txt", scratch / "proposal.yaml"
    letter.write_text("synthetic request letter", encoding="utf-8")
    granted = (settings.grants_directory / "welfare.yaml").read_text(encoding="utf-8")
    wider = re.sub("^population:", "delivery_fields: [reason]\npopulation:", granted, count=1, flags=re.MULTILINE)
    proposal.write_text(wider, encoding="utf-8")
    request = ("grants", "request", str(proposal), "--letter", str(letter), "--requester", REQUESTER)
    await _command(settings, *request)


async def _command(settings: Settings, *words: str) -> None:
    """``kairan <words>`` on this deployment, as a process of its own; it must succeed."""
    environment = {**os.environ, **environment_of(settings.model_dump())}
    command = (sys.executable, "-m", "hub", *words)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, env=environment)
    assert await process.wait() == 0, f"kairan {' '.join(words[:2])} did not succeed"
