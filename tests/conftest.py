"""One real broker and one real PostgreSQL for the whole run; each test gets an environment of its own on them."""

import asyncio
import gc
import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings as examples

from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.settings import Settings, load_settings
from tests.environments import MEMORY, database_names, drop_databases, named, quick_place
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
def cluster() -> Iterator[EmbeddedCluster]:
    """The servers that all tests share."""
    members = principals(declared_grants(), institutions_on(datetime.now(UTC).date()))
    with TemporaryDirectory(prefix="kairan-tests-", dir=quick_place(), ignore_cleanup_errors=True) as state:
        Path(state).chmod(0o755)  # so that the database lies there too, whose owner is another under root
        settings = load_settings(state_directory=Path(state), embedded_heap_mebibytes=HEAP_MEBIBYTES)
        with EmbeddedCluster(settings, members, temporary=True, database=FOR_TESTS) as running:
            yield running


@pytest.fixture(scope="module", autouse=True)
def _nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tell what was left open in the module that left it, and not in whichever the collector runs next."""
    yield
    if request.path.parent.name in SERVED:
        gc.collect()


@pytest.fixture(scope="module", autouse=True)
def _nothing_left_on_the_servers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take the topics, rights and databases of a module's environments away with it: a broker that kept them all would
    run out of open files, and memory of room.
    """
    if request.path.parent.name not in SERVED:
        yield
        return
    settings: Settings = request.getfixturevalue("cluster").settings
    administrator = Broker(Access(settings.kafka_bootstrap, settings.certificates_directory), settings.environment)
    topics, rights = set(administrator.every_topic()), set(administrator.every_acl())
    databases = asyncio.run(database_names(settings))
    yield
    left = {name for name in administrator.every_topic() if not name.startswith(INTERNAL)} - topics
    allowed = set(administrator.every_acl()) - rights
    administrator.apply(Plan(delete_topics=tuple(left), delete_acls=tuple(allowed)))
    if settings.state_directory.is_relative_to(MEMORY):  # on a disk that takes longer than they are worth
        asyncio.run(drop_databases(settings, but=databases))


@pytest.fixture
def settings(cluster: EmbeddedCluster) -> Settings:
    """Settings with topics, groups and databases that no other test uses."""
    return named(cluster, next(_environments))
