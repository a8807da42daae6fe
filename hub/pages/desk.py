"""What all pages share: settings, sessions, the latest survey and its past, and what the wiring lends them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hub.pages.past import Past
from hub.pages.remembered import Memory
from hub.pages.sessions import Sessions
from hub.watch.latest import Latest
from infra.runtime.settings import Settings
from topics.grant import Grant


@dataclass(frozen=True, slots=True)
class Change:
    """What a grant would have changed over some days, against what was approved for its recipient: persons and
    disclosures more and fewer, how many disclosures would have told more or fewer items, in which terms it is wider."""

    days: int
    persons: tuple[int, int]
    disclosures: tuple[int, int]
    fuller: int
    barer: int
    wider: tuple[str, ...]


Preview = Callable[[Settings, Grant], Awaitable[Change]]
"""Replays the register under a grant; the verifier's work, lent by whoever wires the pages."""


@dataclass(slots=True)
class Desk:
    """One process's pages."""

    settings: Settings
    sessions: Sessions
    preview: Preview
    latest: Latest = field(default_factory=Latest)
    past: Past = field(default_factory=Past)
    memory: Memory = field(default_factory=Memory)
