"""The windows of one municipality: facts by their ids, with what the rules ask of them.

A fact is written once and never altered, so that whoever writes it a second time, or late, changes nothing: a window is
a set of event ids, never a counter. A day that is over becomes a tally; what explained look-ups leave is no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, TypeVar
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field, TypeAdapter

from hub.watch.access.limits import LIMITS
from topics.messages.access import Account, Handling, LookUp, Question
from topics.model import WireModel
from topics.office_days import day_of

OPEN_DAYS = 8
"""Days of which single look-ups are kept; an entry that comes later than that is refused."""
HANDLING_DAYS = OPEN_DAYS + 2
JUDGED_DAYS = LIMITS.case_days + 1
"""Days before the clock that are judged again: until then a look-up was not ripe, and one more for what came late."""
KEPT_DAYS = LIMITS.repeated_days
EXPLAINED = frozenset({Question.DOCUMENT, Question.PROTECTION, Question.PAGE})
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_TALLIES = UUID("6f1f6c1e-7f0b-5d1c-9a0e-5b9f0c1d2e3f")
_CLOCK = uuid5(_TALLIES, "clock")


class Clock(WireModel):
    """Up to which moment everything is known and judged."""

    type: Literal["clock"] = "clock"
    at: AwareDatetime
    event_id: UUID = _CLOCK


class Tally(WireModel):
    """One operator's day in numbers, once it is over."""

    type: Literal["tally"] = "tally"
    operator: Account
    day: date
    lookups: int = 0
    documents: int = 0
    searches: int = 0
    failed: int = 0

    @property
    def event_id(self) -> UUID:
        """The same for the same operator and day."""
        return uuid5(_TALLIES, f"{self.operator}/{self.day}")


Key = TypeVar("Key")
Inner = TypeVar("Inner")
Value = TypeVar("Value")
Fact = LookUp | Handling | Tally | Clock
FACT: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="type")])


@dataclass(slots=True)
class Memory:
    """What is known of one municipality; `clock` is the moment up to which everything is."""

    clock: datetime = BEGINNING
    facts: dict[UUID, Fact] = field(default_factory=dict)
    days: dict[tuple[str, date], dict[UUID, LookUp]] = field(default_factory=lambda: defaultdict(dict))
    tallies: dict[str, dict[date, Tally]] = field(default_factory=lambda: defaultdict(dict))
    looked: dict[str, dict[UUID, LookUp]] = field(default_factory=lambda: defaultdict(dict))
    handled: dict[str, dict[UUID, datetime]] = field(default_factory=lambda: defaultdict(dict))

    def remember(self, fact: Fact) -> None:
        """Take a fact in; a second time it changes nothing."""
        if isinstance(fact, Clock):
            self.clock = max(self.clock, fact.at)
            return
        if fact.event_id in self.facts:
            return
        self.facts[fact.event_id] = fact
        if isinstance(fact, Tally):
            self.tallies[fact.operator][fact.day] = fact
            return
        if isinstance(fact, Handling):
            for subject in fact.subjects:
                self.handled[subject][fact.event_id] = fact.at
        else:
            self._see(fact)

    def _see(self, lookup: LookUp) -> None:
        self.days[lookup.operator, day_of(lookup.at)][lookup.event_id] = lookup
        for subject in lookup.subjects:
            self.looked[subject.pseudonym][lookup.event_id] = lookup
            if lookup.question is Question.DOCUMENT:
                self.handled[subject.pseudonym][lookup.event_id] = lookup.at

    def forget(self, ids: Iterable[UUID]) -> None:
        """Let go of facts."""
        for event_id in ids:
            fact = self.facts.pop(event_id, None)
            if isinstance(fact, Tally):
                _drop(self.tallies, fact.operator, fact.day)
            elif isinstance(fact, Handling):
                for subject in fact.subjects:
                    _drop(self.handled, subject, event_id)
            elif isinstance(fact, LookUp):
                self._unsee(fact)

    def _unsee(self, lookup: LookUp) -> None:
        _drop(self.days, (lookup.operator, day_of(lookup.at)), lookup.event_id)
        for subject in lookup.subjects:
            _drop(self.looked, subject.pseudonym, lookup.event_id)
            _drop(self.handled, subject.pseudonym, lookup.event_id)

    @property
    def open_since(self) -> date:
        """The first day of which single look-ups are kept and judged; what is older is tallied."""
        return day_of(self.clock) - timedelta(days=OPEN_DAYS)

    def open_days(self, now: datetime, back: int = OPEN_DAYS) -> list[date]:
        """The days on which somebody looked something up, up to `now`, from so many days before the clock."""
        since = day_of(self.clock) - timedelta(days=back)
        return sorted({day for _, day in self.days if since <= day <= day_of(now)})

    def operators(self) -> set[str]:
        """Everybody who looked something up in the time kept."""
        return {*self.tallies, *(operator for operator, _ in self.days)}

    def of_day(self, day: date) -> Iterator[tuple[str, dict[UUID, LookUp]]]:
        """Each operator's single look-ups of that day, while they are kept."""
        for operator in sorted(self.operators()):
            if lookups := self.days.get((operator, day)):
                yield operator, lookups

    def tally(self, operator: str, day: date) -> Tally:
        """The operator's day in numbers; what was written when it was over stands."""
        stored = self.tallies.get(operator, {}).get(day)
        return stored or tallied(operator, day, list(self.days.get((operator, day), {}).values()))


def tallied(operator: str, day: date, lookups: Sequence[LookUp]) -> Tally:
    """One operator's look-ups of a day in numbers."""
    searches = [one for one in lookups if one.question in (Question.SEARCH, Question.NUMBER)]
    return Tally(
        operator=operator,
        day=day,
        lookups=len(lookups),
        documents=sum(one.question is Question.DOCUMENT for one in lookups),
        searches=len(searches),
        failed=sum(one.found == 0 for one in searches),
    )


def is_explained(memory: Memory, lookup: LookUp) -> bool:
    """Whether a filing or a document of a resident shown is near the look-up, or nobody was shown.

    A document is its own explanation, being issued and in the history; looks at protections are reviewed one and all;
    the desk's pages are about cases of their own.
    """
    if not lookup.subjects or lookup.question in EXPLAINED:
        return True
    near = timedelta(days=LIMITS.case_days)
    return any(
        abs(at - lookup.at) <= near
        for subject in lookup.subjects
        for at in memory.handled.get(subject.pseudonym, {}).values()
    )


def _drop(index: dict[Key, dict[Inner, Value]], key: Key, inner: Inner) -> None:
    """Remove an entry of an index, and the index's line with its last entry."""
    line = index.get(key)
    if line is not None:
        line.pop(inner, None)
        if not line:
            del index[key]
