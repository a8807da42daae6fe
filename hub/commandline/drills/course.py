"""A drill's course: a city under load, the fault, its healing, everything arrived, and the count."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException

from hub.commandline.deployment import broker, desired_now, prepare, principal_names, role_names
from hub.commandline.drills.drill import Drill, Servers
from hub.commandline.drills.ground import Ground
from hub.commandline.drills.machines import Machines
from hub.commandline.drills.tally import Row, failed, tally
from hub.commandline.drills.waiting import NotShownError
from hub.commandline.settlement import wait_until_settled
from infra.embedded.broker import EmbeddedBroker
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.processes import free_ports
from infra.embedded.supervisor import Supervisor
from infra.faults.disk import SmallDisk, small_disk
from infra.faults.network import ProxiedBroker
from infra.runtime.postgres import DATABASE_ERRORS, connect, describe
from infra.runtime.queries import load_queries
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings
from topics.broker import BrokerError
from topics.catalogue import ADMIN
from topics.plan import Plan

SQL = load_queries("hub.commandline.drills", "databases.sql")
BROKERS = 3
START_SECONDS = 240
ARCHIVE_SECONDS = 5
SMALL_DISK_MEBIBYTES = 768
SMALL_NODE = 3
SESSION_SECONDS = 6
CHECKPOINT_SECONDS = 0.5
FLOWING_CHANGES = 100
UNEXPECTED = (
    NotShownError, Refusal, BrokerError, KafkaError, KafkaException, *DATABASE_ERRORS,
    OSError, TimeoutError,
)  # fmt: skip
"""What ends a drill early, and with it no other."""


def run_drills(drills: Sequence[Drill], begin: Callable[[Drill], None], directory: Path | None = None) -> Iterator[Row]:
    """Each drill's row as it ends; those on the same servers follow one another, and servers start once for them.

    Servers keep data and logs in `directory`, else in a temporary one.
    """
    numbers = {each.name: f"d{number}" for number, each in enumerate(drills, start=1)}
    for servers, group in groupby(sorted(drills, key=_kind), _servers):
        with _cluster(servers, directory) as (cluster, disks):
            for each in group:
                begin(each)
                yield asyncio.run(_drilled(each, cluster, numbers[each.name], disks))


def _servers(drill: Drill) -> Servers:
    return drill.servers


def _kind(drill: Drill) -> int:
    return list(Servers).index(drill.servers)


@contextmanager
def _cluster(servers: Servers, directory: Path | None) -> Iterator[tuple[EmbeddedCluster, tuple[SmallDisk, ...]]]:
    with ExitStack() as ending:
        parent = directory or Path(ending.enter_context(TemporaryDirectory(prefix="kairan-drills-")))
        settings = load_settings(
            state_directory=parent / servers.value,
            embedded_brokers=BROKERS,
            start_timeout_seconds=START_SECONDS,
            backup_directory=parent / servers.value / "backups",
            archive_seconds=ARCHIVE_SECONDS,
        )
        kind = ProxiedBroker if servers is Servers.NETWORK else EmbeddedBroker
        cluster = EmbeddedCluster(settings, principal_names(settings), temporary=True, broker=kind)
        disks: tuple[SmallDisk, ...] = ()
        if servers is Servers.DISKS:
            places = (cluster.broker.data(cluster.broker.nodes[SMALL_NODE - 1]), cluster.postgres.data)
            disks = tuple(ending.enter_context(small_disk(place, SMALL_DISK_MEBIBYTES)) for place in places)
        if isinstance(cluster.broker, ProxiedBroker):
            ending.callback(cluster.broker.close)
        ending.enter_context(cluster)
        yield cluster, disks


async def _drilled(drill: Drill, cluster: EmbeddedCluster, environment: str, disks: tuple[SmallDisk, ...]) -> Row:
    try:
        async with _ground(drill, cluster, environment, disks) as ground:
            await _under_load(ground, drill)
            healed = time.monotonic()
            await wait_until_settled(ground.settings, ground.supervisor.refuse_dead)
            return await tally(drill, ground, time.monotonic() - healed)
    except UNEXPECTED as error:
        told = str(error) if isinstance(error, NotShownError | Refusal | BrokerError) else describe(error)
        return failed(drill, told)


async def _under_load(ground: Ground, drill: Drill) -> None:
    """Load from before the fault until it is over."""
    filing = asyncio.create_task(ground.load.run())
    try:
        await ground.flows(FLOWING_CHANGES)
        await drill.strike(ground)
    finally:
        ground.load.end()
        await filing


@asynccontextmanager
async def _ground(
    drill: Drill, cluster: EmbeddedCluster, environment: str, disks: tuple[SmallDisk, ...]
) -> AsyncIterator[Ground]:
    settings = _settings(cluster, environment)
    supervisor = Supervisor(settings)
    ground = Ground(settings, Machines(cluster), supervisor, drill.load(settings), disks)
    try:
        supervisor.import_ahead()
        await prepare(settings)
        supervisor.start(role_names(settings))
        await ground.load.begin()
        await wait_until_settled(settings, supervisor.refuse_dead)
        yield ground
    finally:
        await ground.heal()
        await asyncio.to_thread(supervisor.stop)
        await _clear(settings)


def _settings(cluster: EmbeddedCluster, environment: str) -> Settings:
    """An environment with keys and a witness of its own on the shared servers."""
    state = cluster.settings.state_directory
    own = {
        "environment": environment,
        "session_timeout_seconds": SESSION_SECONDS,
        "checkpoint_seconds": CHECKPOINT_SECONDS,
        "key_register_directory": state / f"key-register-{environment}",
        "witness_url": f"https://127.0.0.1:{free_ports(1)[0]}",
        "witness_directory": state / f"witness-{environment}",
    }
    return cluster.settings.model_copy(update=own)


async def _clear(settings: Settings) -> None:
    """Spare the servers what no drill after this one needs."""
    names = tuple(topic.name for topic in desired_now(settings).topics)
    await asyncio.to_thread(broker(settings).apply, Plan(delete_topics=names))
    server = await connect(settings, "postgres", role=ADMIN, principal=ADMIN)
    try:
        for row in await server.fetch(SQL["databases"], f"{settings.environment}_%"):
            await server.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
    finally:
        await server.close()
