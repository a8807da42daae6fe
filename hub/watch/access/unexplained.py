"""Rules on look-ups that no filing or document explains, said once none can come any more: R1, R2, R3, R5."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from hub.watch.access.alert import Alert, Window, fiscal_year_of, week_of
from hub.watch.access.chances import poisson_tail
from hub.watch.access.limits import LIMITS
from hub.watch.access.memory import JUDGED_DAYS, OPEN_DAYS, Memory, is_explained
from topics.messages.access import LookUp, Tie
from topics.office_days import day_of


def ripe(memory: Memory, now: datetime, back: int = JUDGED_DAYS) -> Iterator[LookUp]:
    """Look-ups that nothing explains, from so many days before the clock."""
    limit = now - timedelta(days=LIMITS.case_days)
    for day in memory.open_days(now, back):
        for _, lookups in memory.of_day(day):
            yield from (one for one in lookups.values() if one.at < limit and not is_explained(memory, one))


def without_case(memory: Memory, now: datetime) -> Iterator[Alert]:
    """R1: several look-ups of one operator on one day that nothing explains."""
    limit = day_of(now - timedelta(days=LIMITS.case_days))
    for day in (day for day in memory.open_days(now, JUDGED_DAYS) if day < limit):
        for operator, lookups in memory.of_day(day):
            found = tuple(event_id for event_id, one in lookups.items() if not is_explained(memory, one))
            if len(found) >= LIMITS.unexplained_a_day:
                yield Alert("R1", operator, Window(day, day), found, (("unexplained", float(len(found))),))


def again_and_again(memory: Memory, now: datetime) -> Iterator[Alert]:
    """R2: the same operator and the same resident, with no case each time."""
    for lookup in ripe(memory, now):
        for subject in lookup.subjects:
            found = tuple(_pair(memory, lookup, subject.pseudonym))
            if len(found) >= LIMITS.repeated:
                window = Window(*fiscal_year_of(day_of(lookup.at)), subject.pseudonym)
                yield Alert("R2", lookup.operator, window, found, (("lookups", float(len(found))),))


def _pair(memory: Memory, latest: LookUp, subject: str) -> Iterator[UUID]:
    since = latest.at - timedelta(days=LIMITS.repeated_days)
    for event_id, one in memory.looked.get(subject, {}).items():
        if one.operator == latest.operator and since < one.at <= latest.at and not is_explained(memory, one):
            yield event_id


def crowds(memory: Memory, now: datetime) -> Iterator[Alert]:
    """R3: more operators on one resident within a week than that resident's filings let expect (横手's case)."""
    for lookup in ripe(memory, now, OPEN_DAYS):
        for subject in lookup.subjects:
            who, cases = _week_around(memory, lookup, subject.pseudonym)
            expected = LIMITS.crowd_rate + LIMITS.crowd_rate_a_case * cases
            if poisson_tail(who, expected) < LIMITS.crowd_probability:
                window = Window(*week_of(day_of(lookup.at)), subject.pseudonym)
                figures = (("operators", float(who)), ("expected", expected))
                yield Alert("R3", lookup.operator, window, (lookup.event_id,), figures)


def _week_around(memory: Memory, lookup: LookUp, subject: str) -> tuple[int, int]:
    """The most operators on the resident in seven days that hold the look-up, and the cases of those days."""
    length = timedelta(days=LIMITS.crowd_days)
    looked = memory.looked.get(subject, {}).values()
    starts = [one.at for one in looked if lookup.at - length < one.at <= lookup.at]
    counted = [(_operators(looked, start, start + length), start) for start in starts]
    who, start = max(counted, key=lambda each: each[0])
    cases = sum(start - length <= at <= start + length for at in memory.handled.get(subject, {}).values())
    return who, cases


def _operators(looked: Iterable[LookUp], start: datetime, end: datetime) -> int:
    return len({one.operator for one in looked if start <= one.at < end})


def colleagues(memory: Memory, now: datetime) -> Iterator[Alert]:
    """R5: a member of staff looked up without a case, by somebody else."""
    for lookup in ripe(memory, now):
        for subject in lookup.subjects:
            if subject.staff and subject.tie is not Tie.SELF:
                window = Window(*week_of(day_of(lookup.at)), subject.pseudonym)
                yield Alert("R5", lookup.operator, window, (lookup.event_id,))
