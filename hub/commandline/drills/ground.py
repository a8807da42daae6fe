"""The ground of a drill: an environment of its own on the drill's servers, every role a process, a city that lives."""

import asyncio
import signal
from dataclasses import dataclass
from functools import partial

from consumers.kit.counts import counts
from hub.commandline.deployment import grants_now
from hub.commandline.drills.load import Load
from hub.commandline.drills.machines import Machines
from hub.commandline.drills.waiting import NotShownError, until
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
            await asyncio.to_thread(self.supervisor.start_one, role.name, clock_off_by=clock_off_by)

    def signal(self, by: signal.Signals, *names: str) -> None:
        """A signal to these roles."""
        for role in self.roles(*names):
            ask(role.process, by)

    async def heal(self) -> None:
        """Whatever a drill that ended early has left undone."""
        for disk in self.disks:
            disk.relieve()
        await self.machines.heal()

    def log(self, role: str) -> str:
        """What the latest process of a role has logged."""
        label = self.roles(role)[-1].label
        return (self.settings.state_directory / "logs" / f"{label}.log").read_text(encoding="utf-8")

    async def flows(self, changes: int = 100) -> None:
        """Return once the hub has decided so many more changes."""
        aim = await self._position() + changes
        await until(partial(self._decided, aim), f"the hub did not decide {changes} more changes")

    async def reaches(self, recipient: str, deliveries: int = 50) -> None:
        """Return once a recipient has applied so many more deliveries."""
        aim = (await counts(self.settings, recipient)).applied + deliveries
        await until(partial(self._applied, recipient, aim), f"{recipient} did not apply {deliveries} more deliveries")

    async def behind(self, recipient: str) -> int:
        """How many of a recipient's deliveries it has not applied yet."""
        told = (await hub_standing(self.settings, self.city)).recipients[recipient].last_number
        return told - (await counts(self.settings, recipient)).applied

    async def gets_nothing(self, recipient: str, seconds: float = 5.0) -> None:
        """See a recipient apply nothing for a while; raises `NotShownError` when it does."""
        await asyncio.sleep(seconds / 2)  # what it had in hand is applied
        before = (await counts(self.settings, recipient)).applied
        await asyncio.sleep(seconds)
        if (await counts(self.settings, recipient)).applied != before:
            raise NotShownError(f"{recipient} went on applying, though it should have been given nothing")

    async def stands_still(self, seconds: float = 5.0) -> None:
        """See the hub decide nothing for a while; raises `NotShownError` when it does, for then there is no fault."""
        await asyncio.sleep(seconds / 2)  # what was under way arrives
        before = await self._position()
        await asyncio.sleep(seconds)
        if await self._position() != before:
            raise NotShownError("the hub went on deciding, though nothing should have reached it")

    async def _position(self) -> int:
        return (await hub_standing(self.settings, self.city)).next_position

    async def _decided(self, position: int) -> bool:
        return await self._position() >= position

    async def _applied(self, recipient: str, aim: int) -> bool:
        return (await counts(self.settings, recipient)).applied >= aim
