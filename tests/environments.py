"""Environments on the shared servers: each with topics, groups and databases by its name, and a witness of its own."""

from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.processes import free_ports
from infra.runtime.settings import Settings


def named(cluster: EmbeddedCluster, name: str) -> Settings:
    """The settings of the environment `name`."""
    own = {
        "environment": name,
        "witness_url": f"https://127.0.0.1:{free_ports(1)[0]}",
        "witness_directory": cluster.settings.state_directory / f"witness-{name}",
    }
    return cluster.settings.model_copy(update=own)
