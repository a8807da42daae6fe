"""The edges of simulated processes: the product's ports, on the log and the store in memory."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from asyncpg import ConnectionDoesNotExistError

from hub.commandline.faults.connection import MemoryPool
from hub.commandline.faults.group import Group, MemoryConsumer
from hub.commandline.faults.log import Log, MemoryProducer
from hub.commandline.faults.statements import KNOWN
from hub.commandline.faults.steps import Steps
from hub.commandline.faults.tables import Database
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import Pool
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings


@dataclass
class MemoryEdges:
    """One world's brokers and databases, the same for all its processes; the keys are those of the machine."""

    steps: Steps
    ring: KeyRing
    random: Random
    log: Log = field(default_factory=Log)
    databases: dict[str, Database] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))

    def consumer(self, settings: Settings, principal: str, group: str) -> Any:
        """A consumer of the log in memory."""
        return MemoryConsumer(self.log, self.steps, self.groups[group])

    def producer(self, settings: Settings, principal: str) -> Any:
        """A producer to the log in memory."""
        return MemoryProducer(self.log, self.steps)

    async def open_pool(
        self, settings: Settings, database: str, *, role: str, principal: str, connections: int | None = None
    ) -> Pool:
        """A pool on the store in memory."""
        try:
            await self.steps.take("database", "connect", lambda: None)
        except ConnectionDoesNotExistError:
            raise Refusal("KRN-DATABASE", f"cannot open database {database} as role {role}") from None
        return cast(Pool, MemoryPool(self.databases[database], self.steps, KNOWN))

    def key_ring(self, settings: Settings) -> KeyRing:
        """The ring that all share; a file is read once for the whole run."""
        return self.ring
