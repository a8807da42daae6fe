"""The role processes: each its own operating-system process with its own log file."""

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.embedded.processes import ask, start, stop
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from topics.declared import declared_grants

PEAK_MEMORY = "VmHWM:"


@dataclass(slots=True)
class Role:
    """One started role, by its `name`; `instance` tells several of one role apart."""

    name: str
    instance: int
    process: psutil.Popen

    @property
    def label(self) -> str:
        """The role's name with its instance."""
        return f"{self.name}-{self.instance}"


class Supervisor:
    """Starts role processes with the given settings, and stops them again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.roles: list[Role] = []

    def start(self, names: Sequence[str]) -> None:
        """Start one process for each name (a name may stand several times)."""
        for name in names:
            self.start_one(name)

    def start_one(self, name: str, *, clock_off_by: int = 0) -> Role:
        """Start one process of the role `name`, a service or a recipient; its clock is wrong by so many seconds."""
        instance = 1 + max((role.instance for role in self.roles if role.name == name), default=0)
        recipients = {g.declaration for g in declared_grants(self._settings.grants_directory)}
        wrong_clock = ["infra.faults.clock", str(clock_off_by)] if clock_off_by else []
        words = ["recipient", name] if name in recipients else [name]
        command = [sys.executable, "-m", *wrong_clock, "hub", *words]
        environment = environment_of(self._settings.model_dump())
        role = Role(name, instance, start(command, self._log(name, instance), environment=environment))
        self.roles.append(role)
        return role

    def kill(self, role: Role) -> None:
        """kill -9, and forget the role."""
        stop(role.process, by=signal.SIGKILL)
        self.roles.remove(role)

    def refuse_dead(self) -> None:
        """Raise `Refusal` when a role has ended by itself, naming its log."""
        dead = [role for role in self.roles if role.process.poll() is not None]
        if dead:
            logs = ", ".join(str(self._log(role.name, role.instance)) for role in dead)
            raise Refusal("KRN-ROLE", f"{', '.join(role.label for role in dead)} ended; see {logs}")

    def peak_memory(self) -> dict[str, int]:
        """The greatest resident memory of each role so far, in bytes."""
        return {role.label: peak_memory(role.process.pid) for role in self.roles if role.process.poll() is None}

    def stop(self) -> dict[str, int | None]:
        """Stop all roles at once; returns their exit codes."""
        for role in self.roles:
            ask(role.process)
        codes = {role.label: stop(role.process) for role in reversed(self.roles)}
        self.roles.clear()
        return codes

    def _log(self, name: str, instance: int) -> Path:
        return self._settings.state_directory / "logs" / f"{name}-{instance}.log"


def peak_memory(pid: int) -> int:
    """The greatest resident memory a process has had, in bytes; where the system does not tell, the present one."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return int(psutil.Process(pid).memory_info().rss)
    lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    peaks = [int(line.split()[1]) * 1024 for line in lines if line.startswith(PEAK_MEMORY)]
    return peaks[0] if peaks else 0
