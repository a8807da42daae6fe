"""What 50 people who look at the live page cost its process: ``python -m benchmarks.viewers``.

Servers of its own, a small city at rest; each viewer asks as the page's script does, every two seconds, on a connection
that stays open. Told is the process's own time, which other work on the machine does not change.
"""

import argparse
import asyncio
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil

from hub.commandline.deployment import prepare, principal_names
from hub.pages.accounts import Role, add_account
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.supervisor import Supervisor
from infra.runtime.settings import Settings, load_settings

PASSWORD = "correct horse battery"  # noqa: S105 - of a database that is gone when this ends
BETWEEN_SECONDS = 2.0


def main() -> None:
    """Measure, and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    with served() as (settings, supervisor):
        process = supervisor.start_one("pages").process
        print(json.dumps(asyncio.run(_measured(settings, process, options))))  # noqa: T201


@contextmanager
def served() -> Iterator[tuple[Settings, Supervisor]]:
    """Servers for this block alone, with a viewer's account; whatever the supervisor has started ends with it."""
    with TemporaryDirectory(prefix="kairan-pages-", ignore_cleanup_errors=True) as directory:
        asked = load_settings(state_directory=Path(directory))
        with EmbeddedCluster(asked, principal_names(asked), temporary=True) as cluster:
            asyncio.run(_prepared(cluster.settings))
            supervisor = Supervisor(cluster.settings)
            try:
                yield cluster.settings, supervisor
            finally:
                supervisor.stop()


async def _prepared(settings: Settings) -> None:
    await prepare(settings)
    await add_account(settings, "viewer-1", Role.VIEWER, PASSWORD)


async def _measured(settings: Settings, process: psutil.Process, options: argparse.Namespace) -> dict[str, float]:
    context = ssl.create_default_context(cafile=str(settings.certificates_directory / "ca.crt"))
    async with httpx.AsyncClient(verify=context, base_url=settings.pages_url, timeout=30) as client:
        await logged_in(client)
        idle = await _cost(process, options.seconds / 3)
        cookies = dict(client.cookies)
    async with asyncio.TaskGroup() as tasks:
        looking = [tasks.create_task(_look(settings, context, cookies)) for _ in range(options.viewers)]
        await asyncio.sleep(BETWEEN_SECONDS)
        busy = await _cost(process, options.seconds)
        for viewer in looking:
            viewer.cancel()
    return {"viewers": options.viewers, "idle_share": round(idle, 4), "viewers_share": round(busy - idle, 4)}


async def logged_in(client: httpx.AsyncClient) -> None:
    """Once the process serves."""
    while True:
        try:
            answer = await client.post("/login", data={"name": "viewer-1", "password": PASSWORD})
        except httpx.ConnectError:
            await asyncio.sleep(0.2)
        else:
            answer.raise_for_status() if answer.status_code >= 400 else None
            return


async def _cost(process: psutil.Process, seconds: float) -> float:
    """The share of one core that the process takes over the next seconds."""
    before = sum(process.cpu_times()[:2])
    await asyncio.sleep(seconds)
    return float((sum(process.cpu_times()[:2]) - before) / seconds)


async def _look(settings: Settings, context: ssl.SSLContext, cookies: dict[str, str]) -> None:
    async with httpx.AsyncClient(verify=context, base_url=settings.pages_url, cookies=cookies, timeout=30) as client:
        while True:
            (await client.get("/way/live")).raise_for_status()
            await client.get("/way/past", params={"after": 4e9})
            await asyncio.sleep(BETWEEN_SECONDS)


if __name__ == "__main__":
    main()
