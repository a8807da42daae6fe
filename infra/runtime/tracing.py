"""Traces (OpenTelemetry): when which role handled what, told to the city's own collector; nothing of anybody.

Off unless ``traces_url`` is set: there is no span and no header then, and the library is not even imported. A context
is a W3C ``traceparent``, as text. Every change and delivery has one of its own, in a trace of its own: equal trace ids
would join what two recipients got. What leads from one to the next is a link between spans, and those go to the
collector alone (docs/decisions/0024).
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal

from infra.runtime.settings import Settings
from infra.runtime.tls import client_context
from topics.messages.headers import TRACEPARENT, Headers

Operation = Literal["send", "process"]
PROCESSED: ContextVar[str | None] = ContextVar("processed", default=None)
"""The context of the batch that is being handled, for what is written because of it."""


class Traces:
    """One role's spans and contexts; this one is off: no span, no context, no header."""

    def filing(self, municipality: str) -> AbstractContextManager[str | None]:
        """A span over the writing of one filing, in a trace of its own; gives its context."""
        return nullcontext()

    def create(self, topic: str, cause: str | None) -> str | None:
        """The context of one record that is being made for `topic`: a span of its own, with a link to its cause."""
        return None

    def batch(self, operation: Operation, topic: str, causes: Iterable[str | None]) -> AbstractContextManager[None]:
        """A span over the handling of so many records, with links to their contexts, as far as these are any."""
        return nullcontext()

    def header(self, kept: str | None) -> Headers:
        """A record's header: the context kept for it, or else one that leads nowhere, since a record without would
        stand out among the others of its topic."""
        return ()

    def stop(self) -> None:
        """Hand over what is left, in a moment or not at all."""


OFF = Traces()


def traces_of(settings: Settings, role: str, principal: str) -> Traces:
    """The traces of a role, one for each process; raises `Refusal` when the collector is to be reached by TLS and the
    principal has no usable certificate."""
    if not settings.traces_url:
        return OFF
    if settings.traces_url.startswith("https:"):
        client_context(settings, principal)
    return _exported(settings.traces_url, settings.certificates_directory, role, principal)


def stop_traces() -> None:
    """Hand over what this process still has; done at the end of a role, and of any other process by itself."""
    for traces in _started:
        traces.stop()
    _started.clear()
    _exported.cache_clear()


def traceparent_in(headers: Sequence[tuple[str, bytes | None]]) -> str | None:
    """The context in a record's headers, as whoever wrote them has it: it may be none."""
    found = (value for name, value in headers if name == TRACEPARENT)
    return (next(found, None) or b"").decode("ascii", "replace") or None


_started: list[Traces] = []


@cache
def _exported(url: str, certificates: Path, role: str, principal: str) -> Traces:
    from infra.runtime.spans import Exported, exporter  # the library's import costs what a role without traces saves

    traces = Exported(role, exporter(url, certificates, principal))
    _started.append(traces)
    return traces
