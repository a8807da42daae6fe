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
from topics.broker import Access, Broker
from topics.catalogue import principals
from topics.declared import declared_grants
from topics.institutions import institutions_on
from topics.plan import INTERNAL, Plan

pytest_plugins = ("tests.reports",)

examples.register_profile("kairan", deadline=None)  # a first example reads tables; machines are shared
examples.load_profile("kairan")

SERVED = ("broker", "path", "lived")
"""Folders whose tests open connections to real servers."""

FOR_TESTS = {"fsync": "off", "full_page_writes": "off", "autovacuum_naptime": "10min"}
"""What tests write outlives every process that is killed, and need not outlive the machine; nor do databases by the
thousand need looking after."""
HEAP_MEBIBYTES = 1024
"""One broker holds some 140 partitions for each environment of a module, and those of the deployments that stay."""
_environments = (f"t{number}x{os.getpid() % 10_000}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """The servers that all tests share."""
    state = Path(tmp_path_factory.mktemp("cluster"))
    settings = load_settings(state_directory=state, embedded_heap_mebibytes=HEAP_MEBIBYTES)
    members = principals(declared_grants(), institutions_on(datetime.now(UTC).date()))
    with EmbeddedCluster(settings, members, temporary=True, database=FOR_TESTS) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def _nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tell what was left open in the module that left it, and not in whichever the collector runs next."""
    yield
    if request.path.parent.name in SERVED:
        gc.collect()


@pytest.fixture(scope="module", autouse=True)
def _nothing_left_on_the_broker(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take the topics and rights of a module's environments away with it: a broker that kept them all would run out
    of open files.
    """
    if request.path.parent.name not in SERVED:
        yield
        return
    settings: Settings = request.getfixturevalue("cluster").settings
    administrator = Broker(Access(settings.kafka_bootstrap, settings.certificates_directory), settings.environment)
    topics, rights = set(administrator.every_topic()), set(administrator.every_acl())
    yield
    left = {name for name in administrator.every_topic() if not name.startswith(INTERNAL)} - topics
    allowed = set(administrator.every_acl()) - rights
    administrator.apply(Plan(delete_topics=tuple(left), delete_acls=tuple(allowed)))


@pytest.fixture
def settings(cluster: EmbeddedCluster) -> Settings:
    """Settings with topics, groups and databases that no other test uses."""
    return named(cluster, next(_environments))
