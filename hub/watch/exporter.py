"""The exporter: metrics of the latest survey over HTTPS, for whoever holds the certificate of `ops` or `prometheus`."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from hub.watch.latest import Latest
from hub.watch.metrics import FAILURES, FAMILIES
from hub.watch.survey import ReadRegisters, Surveyor
from infra.runtime.https import Admitted, serve_https
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from infra.runtime.tls import server_context
from topics.catalogue import OPERATIONS, PROMETHEUS

MAY = {OPERATIONS: ("GET",), PROMETHEUS: ("GET",)}
FORGOTTEN_AFTER = timedelta(seconds=60)
"""A survey older than this is not told any more: old figures would look like good ones."""


class Exported(Collector):
    """The latest survey as metrics."""

    def __init__(self, latest: Latest) -> None:
        self._latest = latest

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        failures = CounterMetricFamily(FAILURES, "Surveys that a server did not answer")
        failures.add_metric([], self._latest.failures)
        yield failures
        survey = self._latest.survey
        if survey is not None and datetime.now(UTC) - survey.taken_at < FORGOTTEN_AFTER:
            yield from (family.metric(survey) for family in FAMILIES)


def page(latest: Latest) -> bytes:
    """The exporter's page, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Exported(latest))
    return generate_latest(registry)


def application(latest: Latest) -> ASGIApp:
    """One page, for those who may."""

    async def metrics(_request: Request) -> Response:
        return Response(page(latest), headers={"content-type": CONTENT_TYPE_LATEST})

    return Admitted(Starlette(routes=[Route("/metrics", metrics)]), MAY, "EXPORTER-PRINCIPAL")


async def run_exporter(settings: Settings, registers: ReadRegisters, stop: Stop) -> None:
    """Survey and serve until `stop`; raises `Refusal` without certificates."""
    latest, surveyor = Latest(), Surveyor(settings, registers)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(latest.keep(surveyor, settings.survey_seconds, stop))
        served = application(latest)
        tasks.create_task(serve_https(settings.exporter_url, server_context(settings, OPERATIONS), served, stop))
