"""What the checker has seen with its own eyes: records on topics, entries, messages; by municipality and number."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from topics.messages.inbound import Message

INSTRUCTIONS = ("block", "recall")
"""Kinds of delivery that hold no state."""
Line = tuple[str, str]
"""A recipient and a municipality."""


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery as it was read off its topic, and which change of the register the hub says it tells."""

    number: int
    sequence: int
    subject: str
    digest: bytes
    body: dict[str, Any]
    resident: str
    history_number: int
    """An instruction, and a tombstone, count to the change told before."""


@dataclass
class Seen:
    """`positions`: of each city's change topic, by offset, the highest position up to there."""

    positions: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    deliveries: dict[Line, dict[int, Told]] = field(default_factory=lambda: defaultdict(dict))
    offsets: dict[Line, list[int]] = field(default_factory=lambda: defaultdict(list))
    sequences: dict[Line, dict[tuple[str, int], Told]] = field(default_factory=lambda: defaultdict(dict))
    last: dict[Line, dict[str, Told]] = field(default_factory=lambda: defaultdict(dict))
    entries: dict[str, dict[tuple[str, int], str]] = field(default_factory=lambda: defaultdict(dict))
    ledger_sizes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    messages: dict[Line, dict[int, Message]] = field(default_factory=lambda: defaultdict(dict))
    acknowledged: dict[Line, int] = field(default_factory=lambda: defaultdict(int))
    evidence: dict[Line, Counter[tuple[int, int, str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    """Acknowledgements entered: first, last, outcome, digest."""
    inbound: dict[Line, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Numbers of the messages that lie on a party's topic."""
    returned: dict[str, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    """What lies on the register's own topic."""
    owners: dict[str, object] = field(default_factory=dict)
    """Who took each city over last."""

    def tell(self, line: Line, told: Told) -> None:
        """A delivery that is new on its topic."""
        self.deliveries[line][told.number] = told
        self.sequences[line][told.subject, told.sequence] = told
        self.last[line][told.subject] = told
