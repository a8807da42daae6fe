"""One real broker and one real PostgreSQL for the whole run; each test gets an environment of its own on them."""

import gc
import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings as examples

from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.settings import Settings, load_settings
from tests.environments import named
from topics.catalogue import principals
from topics.declared import declared_grants
from topics.institutions import institutions_on

pytest_plugins = ("tests.reports",)

examples.register_profile("kairan", deadline=None)  # a first example reads tables; machines are shared
examples.load_profile("kairan")

SERVED = ("broker", "path")
"""Folders whose tests open connections to real servers."""

NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}
"""What tests write outlives every process that is killed, and need not outlive the machine."""
HEAP_MEBIBYTES = 4096
"""One broker holds every test's topics: some 140 partitions for each of some 250 environments, 30 KiB each and more."""
_environments = (f"t{number}x{os.getpid() % 10_000}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """The servers that all tests share."""
    state = Path(tmp_path_factory.mktemp("cluster"))
    settings = load_settings(state_directory=state, embedded_heap_mebibytes=HEAP_MEBIBYTES)
    members = principals(declared_grants(), institutions_on(datetime.now(UTC).date()))
    with EmbeddedCluster(settings, members, temporary=True, database=NOT_DURABLE) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def _nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tell what was left open in the module that left it, and not in whichever the collector runs next."""
    yield
    if request.path.parent.name in SERVED:
        gc.collect()


@pytest.fixture
def settings(cluster: EmbeddedCluster) -> Settings:
    """Settings with topics, groups and databases that no other test uses."""
    return named(cluster, next(_environments))
