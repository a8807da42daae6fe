"""The servers of a drill, to be killed and started again: three brokers and one PostgreSQL."""

import asyncio
import json
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import psutil

from hub.commandline.abuse.link import leader_of
from hub.commandline.drills.waiting import until
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.processes import ask, stop
from infra.faults.network import ProxiedBroker
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN
from topics.partitions import partition_of

QUORUM = "__cluster_metadata-0/quorum-state"


@dataclass(frozen=True, slots=True)
class Machines:
    """The cluster's processes; nodes are meant by their numbers, from 1."""

    cluster: EmbeddedCluster

    @property
    def numbers(self) -> list[int]:
        """Every node."""
        return [node.number for node in self.cluster.broker.nodes]

    @property
    def network(self) -> ProxiedBroker:
        """The network between everybody and the brokers, for a drill that asks for it."""
        broker = self.cluster.broker
        if not isinstance(broker, ProxiedBroker):
            raise TypeError("this drill has no network of its own")
        return broker

    def process(self, number: int) -> psutil.Process:
        """A node's process."""
        return self.cluster.broker.processes[number - 1]

    async def kill(self, number: int) -> None:
        """kill -9."""
        await asyncio.to_thread(stop, self.process(number), by=signal.SIGKILL)

    async def ended(self, number: int, otherwise: str) -> None:
        """Return once a node has ended by itself."""
        await until(partial(self._has_ended, number), otherwise)

    async def start(self, *numbers: int) -> None:
        """Start nodes again that have ended, and wait until they serve."""
        for number in numbers:
            await asyncio.to_thread(self.cluster.broker.restart_node, number - 1)
        await asyncio.to_thread(self.cluster.broker.wait)

    async def stopped_cleanly(self, number: int) -> None:
        """As an administrator would stop it."""
        await asyncio.to_thread(stop, self.process(number), seconds=60.0)

    async def leader(self, settings: Settings, topic: str, *, asked: int = 1) -> int:
        """The node that leads the city's partition of a topic, as the node `asked` knows."""
        node = self.cluster.broker.reached[asked - 1]
        told = settings.model_copy(update={"kafka_bootstrap": f"{node.client_host}:{node.client_port}"})
        _, port = await leader_of(told, ADMIN, topic, partition_of(settings.municipalities[0]))
        return next(node.number for node in self.cluster.broker.reached if node.client_port == port)

    def controller(self) -> int:
        """The node that leads the controllers, as a majority of them has written down."""
        told = [json.loads((self.cluster.broker.data(n) / QUORUM).read_bytes()) for n in self.cluster.broker.nodes]
        return int(max(told, key=lambda state: (state["leaderEpoch"], state["leaderId"]))["leaderId"])

    async def kill_database(self) -> None:
        """kill -9 of every process of PostgreSQL at once."""
        server = self.cluster.postgres.process
        assert server is not None  # noqa: S101 - the cluster runs
        os.killpg(server.pid, signal.SIGKILL)
        await asyncio.to_thread(server.wait)

    async def start_database(self) -> None:
        """Start PostgreSQL again where it has ended, and wait until it serves."""
        server = self.cluster.postgres.process
        if server is None or server.poll() is not None:
            await asyncio.to_thread(self.cluster.postgres.start)
        await asyncio.to_thread(self.cluster.postgres.wait)

    def signal(self, numbers: Iterable[int], by: signal.Signals) -> None:
        """A signal to these nodes."""
        for number in numbers:
            ask(self.process(number), by)

    async def heal(self) -> None:
        """What a drill that ended early has left undone: the network whole, everybody awake and started."""
        if isinstance(self.cluster.broker, ProxiedBroker):
            self.cluster.broker.impose()
        self.signal(self.numbers, signal.SIGCONT)
        await self.start(*[number for number in self.numbers if await self._has_ended(number)])
        await self.start_database()

    async def _has_ended(self, number: int) -> bool:
        process = self.process(number)
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
