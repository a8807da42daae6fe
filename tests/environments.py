"""Environments on the shared servers: each with topics, groups and databases by its name, its own keys and witness."""

from collections.abc import Collection
from pathlib import Path
from shutil import disk_usage

from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.processes import free_ports
from infra.runtime.key_ring import create_keys
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN
from topics.declared import declared_grants

MEMORY, NEEDED_BYTES = Path("/dev/shm"), 10 * 1024**3  # noqa: S108 - a directory of our own is made in it


def quick_place() -> Path | None:
    """Where a file is synced at once, if there is room."""
    roomy = MEMORY.is_dir() and disk_usage(MEMORY).free > NEEDED_BYTES
    return MEMORY if roomy else None


def named(cluster: EmbeddedCluster, name: str) -> Settings:
    """The settings of the environment `name`; every recipient has keys there."""
    state = cluster.settings.state_directory
    own = {
        "environment": name,
        "checkpoint_seconds": 0.5,
        "key_register_directory": state / f"key-register-{name}",
        "witness_url": f"https://127.0.0.1:{free_ports(1)[0]}",
        "witness_directory": state / f"witness-{name}",
    }
    settings = cluster.settings.model_copy(update=own)
    create_keys(settings, [grant.recipient for grant in declared_grants()])
    return settings


async def database_names(settings: Settings) -> set[str]:
    """All databases of the server."""
    server = await connect(settings, "postgres", role=ADMIN, principal=ADMIN)
    try:
        return {row["datname"] for row in await server.fetch("SELECT datname FROM pg_database")}
    finally:
        await server.close()


async def drop_databases(settings: Settings, *, but: Collection[str]) -> None:
    """Drop all databases but these."""
    gone = await database_names(settings) - set(but)
    server = await connect(settings, "postgres", role=ADMIN, principal=ADMIN)
    try:
        for name in gone:
            await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()
