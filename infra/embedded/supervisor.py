"""The role processes: each its own operating-system process with its own log file."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.embedded.fork_server import ForkServer
from infra.embedded.forked import Forked
from infra.embedded.processes import ask, stop
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from topics.declared import declared_grants

PROGRAM = "hub"
IMPORTED = "hub.commandline.roles"
RIGHT = 0
PEAK_MEMORY = "VmHWM:"


@dataclass(slots=True)
class Role:
    """One started role, by its `name`; `instance` tells several of one role apart."""

    name: str
    instance: int
    process: Forked

    @property
    def label(self) -> str:
        """The role's name with its instance."""
        return f"{self.name}-{self.instance}"


class Supervisor:
    """Starts role processes with the given settings, and stops them again.

    They are forked of one process that has imported everything, for each clock that is wrong of one of its own.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._servers: dict[int, ForkServer] = {}
        self.roles: list[Role] = []

    def import_ahead(self) -> None:
        """Begin the imports of the roles now, while the caller does something else before it starts them."""
        self._server(RIGHT)

    def start(self, names: Sequence[str]) -> None:
        """Start one process for each name (a name may stand several times)."""
        for name in names:
            self.start_one(name)

    def start_one(self, name: str, *, clock_off_by: int = RIGHT) -> Role:
        """Start one process of the role `name`, a service or a recipient; its clock is wrong by so many seconds."""
        instance = 1 + max((role.instance for role in self.roles if role.name == name), default=0)
        recipients = {g.declaration for g in declared_grants(self._settings.grants_directory)}
        words = ["recipient", name] if name in recipients else [name]
        environment = environment_of(self._settings.model_dump())
        process = self._server(clock_off_by).fork(words, self._log(name, instance), environment)
        role = Role(name, instance, process)
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
        self.leave()
        return codes

    def leave(self) -> None:
        """Let the roles live on by themselves."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()

    def _server(self, clock_off_by: int) -> ForkServer:
        if clock_off_by not in self._servers:
            interpreter = ("infra.faults.clock", str(clock_off_by)) if clock_off_by != RIGHT else ()
            log = self._settings.state_directory / "logs" / f"fork-server{clock_off_by or ''}.log"
            self._servers[clock_off_by] = ForkServer(PROGRAM, IMPORTED, log, interpreter)
        return self._servers[clock_off_by]

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
