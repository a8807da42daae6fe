"""A collector of traces that listens on this machine: it reads OTLP as it is declared, and keeps what it gets."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

Context = tuple[bytes, bytes]
"""A trace id and a span id."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One span as it came; `role` is whose it is."""

    role: str
    name: str
    kind: int
    context: Context
    parent: bytes
    links: tuple[Context, ...]
    attributes: dict[str, str | int]


@dataclass(slots=True)
class Collector:
    """Where it listens, and every request's bytes."""

    url: str
    requests: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Kept]:
        """Every span so far."""
        return [span for octets in list(self.requests) for span in _spans(octets)]


@contextmanager
def collector(context: ssl.SSLContext | None = None) -> Iterator[Collector]:
    """One that runs; by TLS with a server's `context`."""
    requests: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _taking(requests))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if context is None else "https"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield Collector(f"{scheme}://127.0.0.1:{server.server_port}", requests)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _taking(requests: list[bytes]) -> type[BaseHTTPRequestHandler]:
    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            """Nothing."""

    return Taking


def _spans(octets: bytes) -> Iterator[Kept]:
    for resource in ExportTraceServiceRequest.FromString(octets).resource_spans:
        role = str(_plain(resource.resource.attributes)["service.name"])
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            yield Kept(
                role,
                span.name,
                span.kind,
                (span.trace_id, span.span_id),
                span.parent_span_id,
                tuple((link.trace_id, link.span_id) for link in span.links),
                _plain(span.attributes),
            )


def _plain(attributes: "list[KeyValue]") -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in attributes}
