"""Entries of a log, written as short as a test reads."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hub.watch.access.alert import Alert
from hub.watch.access.memory import Memory
from hub.watch.access.taking import apply, take
from topics.messages.access import Entry, Handling, LookUp, Question, Standing, Subject, UpTo
from topics.office_days import JAPAN

CITY = "142158"
MONDAY = datetime(2026, 6, 1, 10, tzinfo=JAPAN)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_ids = count(1)


def resident(name: str) -> str:
    """A pseudonym that one can recognise."""
    return name.ljust(24, "a")


def looked(operator: str, at: datetime, *residents: str | Subject, **told: Any) -> LookUp:
    """One look-up that shows `residents`."""
    subjects = tuple(r if isinstance(r, Subject) else Subject(pseudonym=resident(r)) for r in residents)
    usual = {"question": Question.SEARCH, "number_touched": False, "found": len(subjects), "standing": Standing.ON_DUTY}
    return LookUp(
        event_id=UUID(int=next(_ids)),
        municipality=CITY,
        at=at,
        operator=operator,
        purpose="synthetic",
        case_number="1",
        subjects=subjects,
        **{**usual, **told},
    )


def handled(at: datetime, *residents: str) -> Handling:
    """A filing of `residents`."""
    subjects = tuple(map(resident, residents))
    return Handling(event_id=UUID(int=next(_ids)), municipality=CITY, at=at, operator="counter-1", subjects=subjects)


def up_to(at: datetime) -> UpTo:
    """Everything is told up to then."""
    return UpTo(event_id=UUID(int=next(_ids)), municipality=CITY, at=at)


def said(entries: list[Entry], memory: Memory | None = None) -> dict[str, Alert]:
    """Every alert that the entries raise, by id."""
    memory = memory or Memory()
    found: dict[str, Alert] = {}
    for entry in entries:
        taken = take(memory, entry)
        found |= {alert.id: alert for alert in taken.alerts}
        if taken.sweep is not None:
            apply(memory, taken.sweep)
    return found


def rules_said(entries: list[Entry]) -> list[tuple[str, str]]:
    """Rule and operator of every alert, in order."""
    return sorted((alert.rule, alert.operator) for alert in said(entries).values())
