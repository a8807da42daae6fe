"""Traces of filings: a span over the writing of each, and a context of its own for each of its changes.

The changes of a filing share no trace: on the change topic nobody but the hub may see which belong together.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from uuid import UUID

from infra.runtime.tracing import Traces

Caused = Callable[[UUID], str | None]
"""The context of one more change of the filing."""


def untraced(_filing: UUID) -> None:
    """No context for any change."""


@dataclass(frozen=True, slots=True)
class TracedFilings:
    """The traces of one municipality's register; `topic` is the one its changes go to."""

    traces: Traces
    municipality: str
    topic: str

    @contextmanager
    def written(self, filings: Iterable[UUID]) -> Iterator[Caused]:
        """While these filings are written."""
        with ExitStack() as spans:
            roots = {each: spans.enter_context(self.traces.filing(self.municipality)) for each in filings}
            yield lambda filing: self.traces.create(self.topic, roots[filing])
