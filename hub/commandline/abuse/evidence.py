"""The servers' own words: what the embedded broker's and database's logs say from a moment on."""

import asyncio
import time
from pathlib import Path
from typing import Any

from hub.commandline.abuse.case import NOT_REFUSED, Attempt, accepted
from hub.commandline.abuse.link import Address, told
from infra.runtime.settings import CLUSTER_FILE, PREFIX, Settings

DEADLINE_SECONDS = 5.0
POLL_SECONDS = 0.02


class ServerLogs:
    """What is appended to the servers' logs from now on; nothing is readable where they run elsewhere."""

    def __init__(self, settings: Settings) -> None:
        directory = settings.state_directory / "logs"
        here = _embedded_here(settings)
        files = sorted((*directory.glob("broker-*.log"), *directory.glob("postgres.log"))) if here else []
        self._marks = {path: path.stat().st_size for path in files}

    @property
    def readable(self) -> bool:
        """Whether there is anything to read."""
        return bool(self._marks)

    def appended(self) -> str:
        """All that was written since."""
        return "".join(_from(path, mark) for path, mark in self._marks.items())

    async def line(self, *parts: str) -> str | None:
        """The first line since that holds all `parts`; None when there is none before the deadline."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self.readable:
            found = next((one for one in self.appended().splitlines() if all(part in one for part in parts)), None)
            if found is not None or time.monotonic() > deadline:
                return found
            await asyncio.sleep(POLL_SECONDS)
        return None


async def by_authorizer(logs: ServerLogs, principal: str, resource: str, word: str) -> Attempt:
    """Refused when the client was told `word` and the authorizer's log says why; `word` alone where no log is here."""
    if not word:
        return accepted()
    if not logs.readable:
        return Attempt(refused=True, cause=word)
    line = await logs.line(f"Principal = User:{principal} is Denied", resource)
    if line is None:
        return Attempt(refused=False, cause=f"{NOT_REFUSED} by the authorizer, though the client was told {word}")
    return Attempt(refused=True, cause=line[line.index("Principal") :].partition(" for request")[0])


async def denied(
    settings: Settings, principal: str, resource: str, request: Any, address: Address | None = None
) -> Attempt:
    """One bare request as `principal`: refused when the authorizer denies it `resource`."""
    logs = ServerLogs(settings)
    return await by_authorizer(logs, principal, resource, await told(settings, principal, request, address))


def _embedded_here(settings: Settings) -> bool:
    """Whether the brokers of these settings are the ones that the state directory's cluster file names."""
    try:
        told = (settings.state_directory / CLUSTER_FILE).read_text(encoding="utf-8")
    except OSError:
        return False
    return f"{PREFIX}KAFKA_BOOTSTRAP={settings.kafka_bootstrap}\n" in told


def _from(path: Path, mark: int) -> str:
    with path.open("rb") as file:
        file.seek(mark)
        return file.read().decode("utf-8", "replace")
