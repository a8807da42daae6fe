"""The way of the changes as it stands: who reads what, with its rate, backlog and worst state. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.watch.owed import Owed
from hub.watch.streams import LIMIT_SECONDS
from hub.watch.survey import Survey, Watched
from hub.watch.verdict import State
from hub.watch.words import Language, span, told
from topics.catalogue import SERVICE_PRINCIPALS

SEVERITY = tuple(State)


@dataclass(frozen=True, slots=True)
class Flow:
    """One reader's reading of one topic, over all municipalities: the worst of them says the state."""

    reader: str
    topic: str
    unread: int
    age_seconds: float
    written_per_second: float
    worst: Watched

    @property
    def key(self) -> str:
        """By which a page knows it."""
        return f"{self.reader}/{self.topic}"

    @property
    def state(self) -> State:
        """The worst municipality's."""
        return self.worst.verdict.state

    def why(self, language: Language) -> str:
        """The reason in words."""
        return told(self.worst.verdict.reason, self.worst.reading, LIMIT_SECONDS, language)


def flows(survey: Survey) -> tuple[Flow, ...]:
    """All flows, the way a change goes."""
    readers = dict.fromkeys((each.stream.reader, each.stream.topic) for each in survey.watched)
    return tuple(
        _flow([each for each in survey.watched if (each.stream.reader, each.stream.topic) == reader])
        for reader in readers
    )


def _flow(members: Sequence[Watched]) -> Flow:
    worst = max(members, key=lambda each: (SEVERITY.index(each.verdict.state), each.reading.age_seconds))
    stream = members[0].stream
    return Flow(
        stream.reader,
        stream.topic,
        sum(each.reading.lag for each in members),
        max(each.reading.age_seconds for each in members),
        sum(each.pace.written for each in members),
        worst,
    )


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one recipient has not acknowledged, over all municipalities, and the part of the limit that the worst of it
    has used up (1.0: it is late)."""

    recipient: str
    changes: int
    oldest_seconds: float
    limit_seconds: float

    @property
    def used(self) -> float:
        """The part of the limit that is used up."""
        return self.oldest_seconds / self.limit_seconds if self.limit_seconds else 0.0


def backlogs(survey: Survey) -> dict[str, Backlog]:
    """Each recipient's backlog, also of those that have none."""
    recipients = dict.fromkeys(
        [each.stream.reader for each in survey.watched if each.stream.reader not in SERVICE_PRINCIPALS]
        + [each.recipient for each in survey.hub.owed]
    )
    return {name: _backlog(name, [owed for owed in survey.hub.owed if owed.recipient == name]) for name in recipients}


def _backlog(name: str, owed: Sequence[Owed]) -> Backlog:
    if not owed:
        return Backlog(name, 0, 0.0, LIMIT_SECONDS)
    worst = max(owed, key=lambda each: each.oldest_seconds / each.limit_seconds)
    return Backlog(name, sum(each.changes for each in owed), worst.oldest_seconds, worst.limit_seconds)


def undecided(survey: Survey) -> int:
    """Registered changes that the hub has not decided."""
    decided = {each.municipality: each.next_position - 1 for each in survey.hub.ledgers}
    return sum(max(0, each.position - decided[each.municipality]) for each in survey.registers)


def age(seconds: float, language: Language) -> str:
    """A span of time, or a dash for none."""
    return span(seconds, language) if seconds > 0 else "–"
