"""Child processes in sessions of their own: started with a log file, stopped for certain."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import choice

import psutil

from infra.embedded.forked import POLL_SECONDS, Forked

STOP_SECONDS = 10.0
PORTS = range(20_000, 32_000)


def start(
    command: Sequence[str | Path], log: Path, *, environment: Mapping[str, str] | None = None, user: int | None = None
) -> psutil.Popen:
    """Start `command` with both outputs appended to `log`; a signal to our own group does not reach it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return psutil.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else (),
        )


def stop(process: psutil.Process, *, by: signal.Signals = signal.SIGTERM, seconds: float = STOP_SECONDS) -> int | None:
    """Ask `process` to end, kill it after `seconds`; returns its exit code where we had it begun."""
    ask(process, by)
    if not _has_ended(process, seconds):
        ask(process, signal.SIGKILL)
        _has_ended(process, seconds)
    return process.wait(seconds) if isinstance(process, psutil.Popen | Forked) else None


def ask(process: psutil.Process, by: signal.Signals = signal.SIGTERM) -> None:
    """Send a signal; one that has ended already is left in peace."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(by)


def _has_ended(process: psutil.Process, seconds: float) -> bool:
    """Whether it ends in time; one that nobody has reaped yet has ended all the same."""
    deadline = time.monotonic() + seconds
    with suppress(psutil.NoSuchProcess):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
    return True


def free_ports(count: int) -> list[int]:
    """`count` TCP ports on the loopback address that nobody uses at the moment.

    From below the range that systems give to outgoing connections, so that none of these takes one before it is used.
    """
    found: dict[int, None] = {}
    while len(found) < count:
        port = choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found[port] = None
    return list(found)


def is_port_taken(port: int) -> bool:
    """Whether something listens on this port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
