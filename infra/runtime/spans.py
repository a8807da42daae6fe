"""Spans by the OpenTelemetry SDK, and how they leave: from a queue in the background, or they are lost.

What a span may hold is decided here alone: its name, the topic, how many records, the municipality of a filing, the
class of an error, and links. No key, number, name, time of the register or text of an error.
"""

import atexit
import logging
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests
import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanKind,
    StatusCode,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes

from infra.runtime.tracing import PROCESSED, Operation, Traces
from topics.messages.headers import TRACEPARENT, Headers

PATH = "/v1/traces"
TIMEOUT_SECONDS = 2.0
QUEUE_SPANS, AT_ONCE_SPANS = 8192, 512
PAUSE_MILLISECONDS = 1000
MOST_LINKS = 10_000
"""As many as a batch may have records."""
TELL_SECONDS = 60.0

FILING = "register filing"
MUNICIPALITY = "kairan.municipality"
SYSTEM, DESTINATION = "messaging.system", "messaging.destination.name"
OPERATION, COUNT = "messaging.operation.type", "messaging.batch.message_count"
ERROR = "error.type"
KINDS = {"create": SpanKind.PRODUCER, "send": SpanKind.PRODUCER, "process": SpanKind.CONSUMER}
_PROPAGATOR = TraceContextTextMapPropagator()


class SecretIds(IdGenerator):
    """Ids of the system's randomness: of a pseudo-random sequence who sees some computes the others, and so how many
    deliveries others got in between."""

    def generate_span_id(self) -> int:
        """Any but zero, which means none."""
        return 1 + secrets.randbelow(2**64 - 1)

    def generate_trace_id(self) -> int:
        """Any but zero, which means none."""
        return 1 + secrets.randbelow(2**128 - 1)

    def is_trace_id_random(self) -> bool:
        """They are."""
        return True


class Telling(SpanExporter):
    """Hands spans on; of those that were not taken it says how many, at most once a minute."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._lost = 0
        self._tell_at = 0.0
        self._leaving = False
        self._reached = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Hand on, or lose; called by the queue's own thread."""
        if self._leaving and not self._reached:
            return SpanExportResult.FAILURE
        result = self._inner.export(spans)
        self._reached = result is SpanExportResult.SUCCESS
        if not self._reached:
            self._tell(len(spans))
        return result

    def leave(self) -> None:
        """From now on one failure is enough to give up."""
        self._leaving = True

    def shutdown(self) -> None:
        """Let go of the connection."""
        self._inner.shutdown()

    def _tell(self, count: int) -> None:
        self._lost += count
        if time.monotonic() >= self._tell_at and structlog.is_configured():
            structlog.get_logger().warning("spans are lost", code="TRACES-LOST", count=self._lost)
            self._lost, self._tell_at = 0, time.monotonic() + TELL_SECONDS


def exporter(url: str, certificates: Path, principal: str) -> Telling:
    """What reaches the collector: as `principal` where it is reached by TLS, and by no proxy."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it logs every attempt; we tell once a minute
    session = requests.Session()
    session.trust_env = False
    if not url.startswith("https:"):
        return Telling(OTLPSpanExporter(url + PATH, timeout=TIMEOUT_SECONDS, session=session))
    authority, own, key = (str(certificates / name) for name in ("ca.crt", f"{principal}.crt", f"{principal}.key"))
    return Telling(OTLPSpanExporter(url + PATH, authority, key, own, timeout=TIMEOUT_SECONDS, session=session))


class Exported(Traces):
    """Spans of one role that go to the collector."""

    def __init__(self, role: str, leaving: Telling) -> None:
        self._leaving = leaving
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource({"service.name": role, "service.namespace": "kairan"}),
            shutdown_on_exit=False,
            id_generator=SecretIds(),
            span_limits=SpanLimits(max_links=MOST_LINKS),
        )
        self._provider.add_span_processor(BatchSpanProcessor(leaving, QUEUE_SPANS, PAUSE_MILLISECONDS, AT_ONCE_SPANS))
        self._tracer = self._provider.get_tracer("kairan")
        atexit.register(self.stop)

    @contextmanager
    def filing(self, municipality: str) -> Iterator[str | None]:
        """See `Traces`."""
        with _ending(self._start(FILING, SpanKind.INTERNAL, (), {MUNICIPALITY: municipality})) as span:
            yield written(span)

    def create(self, topic: str, cause: str | None) -> str | None:
        """See `Traces`."""
        span = self._start(f"create {topic}", KINDS["create"], (cause,), _messaging("create", topic))
        span.end()
        return written(span)

    @contextmanager
    def batch(self, operation: Operation, topic: str, causes: Iterable[str | None]) -> Iterator[None]:
        """See `Traces`."""
        contexts = list(causes)
        attributes = {**_messaging(operation, topic), COUNT: len(contexts)}
        with _ending(self._start(f"{operation} {topic}", KINDS[operation], contexts, attributes)) as span:
            token = PROCESSED.set(written(span))
            try:
                yield
            finally:
                PROCESSED.reset(token)

    def header(self, kept: str | None) -> Headers:
        """See `Traces`. The context that leads nowhere is of a span that never ends, and so looks like any other."""
        context = kept or written(self._start("nothing", SpanKind.INTERNAL, (), {}))
        return ((TRACEPARENT, context.encode("ascii")),)

    def stop(self) -> None:
        """See `Traces`."""
        atexit.unregister(self.stop)
        self._leaving.leave()
        self._provider.shutdown()

    def _start(self, name: str, kind: SpanKind, causes: Sequence[str | None], attributes: Attributes) -> Span:
        """A span that is the first of its trace, whatever else goes on."""
        return self._tracer.start_span(name, Context(), kind, attributes, links(causes))


def written(span: Span) -> str:
    """The span's context as a traceparent."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, set_span_in_context(NonRecordingSpan(span.get_span_context()), Context()))
    return carrier[TRACEPARENT]


def links(traceparents: Iterable[str | None]) -> list[Link]:
    """A link to each of these contexts, once; what is no traceparent is passed over."""
    contexts = [
        get_current_span(_PROPAGATOR.extract({TRACEPARENT: each}, Context())).get_span_context()
        for each in dict.fromkeys(traceparents)
        if each
    ]
    return [Link(context) for context in contexts if context.is_valid]


def _messaging(operation: str, topic: str) -> dict[str, str | int]:
    return {SYSTEM: "kafka", DESTINATION: topic, OPERATION: operation}


@contextmanager
def _ending(span: Span) -> Iterator[Span]:
    """Ends the span; of an error it says the class, since its text may quote anything."""
    try:
        yield span
    except BaseException as error:
        span.set_attribute(ERROR, type(error).__name__)
        span.set_status(StatusCode.ERROR)
        raise
    finally:
        span.end()
