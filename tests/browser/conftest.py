"""A deployment with its operations pages, and a browser where there is one."""

import asyncio
import os
import re
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.processes import free_ports
from tests.browser.seen import CHROMIUM, Seen, looked_at
from tests.environments import named
from topics.declared import SHIPPED

REQUIRED = bool(CHROMIUM) and os.environ.get("CI") == "true"
HOSTILE = "<script>document.title = 'owned'</script>"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where every change is checked and a browser is there, no test of the pages may be skipped."""
    report = yield
    if REQUIRED and report.skipped:
        report.outcome, report.longrepr = "failed", "skipped, though a browser is here and CI is true"
    return report


@pytest.fixture(scope="module")
def seen(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """A small city, everything arrived, with pages; the welfare grant's title is hostile."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine: the pages are not looked at")
    grants = Path(tmp_path_factory.mktemp("seen")) / "grants"
    shutil.copytree(SHIPPED, grants, ignore=shutil.ignore_patterns("__*"))
    file = grants / "welfare.yaml"
    file.write_text(re.sub("title: .*", f'title: "{HOSTILE}"', file.read_text(encoding="utf-8")), encoding="utf-8")
    settings = named(cluster, "seen").model_copy(
        update={
            "grants_directory": grants,
            "pages_url": f"https://127.0.0.1:{free_ports(1)[0]}",
            "survey_seconds": 0.5,
            "session_timeout_seconds": 6,
        }
    )
    found = asyncio.run(looked_at(settings))
    yield found
    found.deployment.supervisor.stop()
