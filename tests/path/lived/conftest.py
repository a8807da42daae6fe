"""A deployment that has lived, for tests that only look; it stops with the last of them."""

import asyncio
from collections.abc import Iterator

import pytest

from infra.embedded.cluster import EmbeddedCluster
from tests.environments import named
from tests.path.deployment import Deployment, deployed

RESIDENTS, CHANGES = 300, 400


@pytest.fixture(scope="package")
def lived(cluster: EmbeddedCluster) -> Iterator[Deployment]:
    """A city of 300 after 400 changes, everything arrived; do not alter it."""
    deployment = asyncio.run(_live(cluster))
    yield deployment
    deployment.supervisor.stop()


async def _live(cluster: EmbeddedCluster) -> Deployment:
    deployment = await deployed(named(cluster, "lived"))
    await deployment.load(RESIDENTS)
    await deployment.settle()
    await deployment.live(CHANGES)
    await deployment.settle()
    return deployment
