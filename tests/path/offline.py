"""The stand-alone verifier, run as a stranger would: from a copy in an empty place, with keys told beforehand."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

from infra.check import offline
from infra.runtime.settings import Settings
from tests.path.shell import done


async def checked_offline(settings: Settings, directory: Path, *arguments: str) -> int:
    """Its verdict."""
    alone = directory / "alone"
    alone.mkdir(exist_ok=True)
    program = shutil.copy(str(offline.__file__), alone)
    keys = json.loads((await done(settings, "ledger", "vkeys", "--json")).stdout)
    options = [part for key in keys for part in ("--witness" if key.startswith("kairan/witness") else "--key", key)]
    command = [sys.executable, "-I", program, *arguments, *options]
    return (await asyncio.to_thread(subprocess.run, command, cwd=alone, capture_output=True, check=False)).returncode
