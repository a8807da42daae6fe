"""Rules on one look-up, said as soon as it is known: R4, R6, R7, R8, R11."""

from collections.abc import Iterator

from hub.watch.access.alert import Alert, Window
from hub.watch.access.limits import LIMITS
from hub.watch.access.memory import Memory
from topics.messages.access import LookUp, Question, Standing
from topics.office_days import JAPAN, day_of, is_open


def own_circle(_memory: Memory, lookup: LookUp) -> Iterator[Alert]:
    """R4: the operator's own record, household or address."""
    return _about(lookup, "R4", [s.pseudonym for s in lookup.subjects if s.tie is not None])


def protected(_memory: Memory, lookup: LookUp) -> Iterator[Alert]:
    """R6: a protected resident (支援措置); every look-up is reviewed, that of a list of all as one."""
    if lookup.question is Question.PROTECTION:
        return iter([_of_the_day(lookup, "R6")])
    return _about(lookup, "R6", [s.pseudonym for s in lookup.subjects if s.protected])


def fishing(memory: Memory, lookup: LookUp) -> Iterator[Alert]:
    """R7: searches on one day that show many, or find too many to show."""
    day = day_of(lookup.at)
    today = memory.days.get((lookup.operator, day), {})
    broad = [event_id for event_id, one in today.items() if _is_broad(one)]
    if _is_broad(lookup) and len(broad) >= LIMITS.broad_a_day:
        figures = (("searches", float(len(broad))),)
        yield Alert("R7", lookup.operator, Window(day, day), tuple(broad), figures)


def at_odd_hours(_memory: Memory, lookup: LookUp) -> Iterator[Alert]:
    """R8: outside office hours, on a closed day, or on leave by the list of staff."""
    local = lookup.at.astimezone(JAPAN)
    at_work = is_open(local.date()) and LIMITS.opens <= local.time() <= LIMITS.closes
    if not at_work or lookup.standing is Standing.ON_LEAVE:
        yield _of_the_day(lookup, "R8")


def without_duty(_memory: Memory, lookup: LookUp) -> Iterator[Alert]:
    """R11: an account that the list of staff does not have, or has no longer, or not yet (異動)."""
    if lookup.standing in (Standing.OFF_DUTY, Standing.UNKNOWN):
        yield _of_the_day(lookup, "R11")


def _is_broad(lookup: LookUp) -> bool:
    return lookup.question is Question.SEARCH and (lookup.too_many or lookup.found >= LIMITS.broad_found)


def _about(lookup: LookUp, rule: str, subjects: list[str]) -> Iterator[Alert]:
    day = day_of(lookup.at)
    for subject in subjects:
        yield Alert(rule, lookup.operator, Window(day, day, subject), (lookup.event_id,))


def _of_the_day(lookup: LookUp, rule: str) -> Alert:
    day = day_of(lookup.at)
    return Alert(rule, lookup.operator, Window(day, day), (lookup.event_id,))
