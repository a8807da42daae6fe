"""The ground of a drill: an environment of its own on the drill's servers, every role a process, a city that lives."""

import asyncio
import signal
from dataclasses import dataclass
from functools import partial

from consumers.databases import database_of
from consumers.kit.counts import counts
from hub.commandline.deployment import grants_now
from hub.commandline.drills.load import Load
from hub.commandline.drills.machines import Machines
from hub.commandline.drills.waiting import until
from hub.databases import HUB_DATABASE
from hub.watch.counts import hub_standing
from infra.embedded.processes import ask
from infra.embedded.supervisor import Role, Supervisor
from infra.faults.disk import SmallDisk
from infra.runtime.settings import Settings
from topics.grant import Grant


@dataclass(slots=True)
class Ground:
    """What a fault is brought about on; `disks` are there when the drill asks for them: a broker's, PostgreSQL's."""

    settings: Settings
    machines: Machines
    supervisor: Supervisor
    load: Load
    disks: tuple[SmallDisk, ...] = ()

    @property
    def city(self) -> str:
        """The municipality that lives."""
        return self.load.municipality

    @property
    def hub_database(self) -> str:
        """The hub's database of that municipality."""
        return HUB_DATABASE.name(self.settings.environment, self.city)

    def grant(self, recipient: str) -> Grant:
        """A recipient's grant."""
        return next(grant for grant in grants_now(self.settings) if grant.recipient == recipient)

    def database(self, recipient: str) -> str:
        """A recipient's database of that municipality."""
        return database_of(self.grant(recipient)).name(self.settings.environment, self.city)

    def roles(self, *names: str) -> list[Role]:
        """The processes of these roles; of all without names."""
        return [role for role in self.supervisor.roles if not names or role.name in names]

    async def kill(self, *names: str) -> None:
        """kill -9 of these roles."""
        for role in self.roles(*names):
            await asyncio.to_thread(self.supervisor.kill, role)

    async def restart(self, *names: str, clock_off_by: int = 0) -> None:
        """kill -9 of these roles, and each started once again."""
        for role in self.roles(*names):
            await asyncio.to_thread(self.supervisor.kill, role)
            self.supervisor.start_one(role.name, clock_off_by=clock_off_by)

    def signal(self, by: signal.Signals, *names: str) -> None:
        """A signal to these roles."""
        for role in self.roles(*names):
            ask(role.process, by)

    async def flows(self, changes: int = 100) -> None:
        """Return once the hub has decided so many more changes."""
        aim = await self._position() + changes
        await until(partial(self._decided, aim), f"the hub did not decide {changes} more changes")

    async def reaches(self, recipient: str, deliveries: int = 50) -> None:
        """Return once a recipient has applied so many more deliveries."""
        aim = (await counts(self.settings, recipient)).applied + deliveries
        await until(partial(self._applied, recipient, aim), f"{recipient} did not apply {deliveries} more deliveries")

    async def _position(self) -> int:
        return (await hub_standing(self.settings, self.city)).next_position

    async def _decided(self, position: int) -> bool:
        return await self._position() >= position

    async def _applied(self, recipient: str, aim: int) -> bool:
        return (await counts(self.settings, recipient)).applied >= aim
