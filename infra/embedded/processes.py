"""Child processes in sessions of their own: started with a log file, stopped for certain."""

import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from random import SystemRandom

import psutil

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
    """Ask `process` to end, kill it after `seconds`; returns its exit code where it is our child."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(by)
        with suppress(psutil.TimeoutExpired):
            return _code(process.wait(seconds))
        process.kill()
        return _code(process.wait(seconds))
    return None


def free_ports(count: int) -> list[int]:
    """`count` TCP ports on the loopback address that nobody uses at the moment.

    From below the range that systems give to outgoing connections, so that none of these takes one before it is used.
    """
    found: list[int] = []
    for port in SystemRandom().sample(PORTS, len(PORTS)):
        if len(found) == count:
            break
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found


def is_port_taken(port: int) -> bool:
    """Whether something listens on this port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _code(value: object) -> int | None:
    return value if isinstance(value, int) else None
