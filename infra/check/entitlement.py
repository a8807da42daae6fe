"""What a recipient must have been sent, in order, by the register's history and its grant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from infra.check.counterparty import told_versions
from infra.check.projection import Numbers, Record, project, triggers
from infra.check.protection import UNPROTECTED, Stand, Timeline, withheld
from infra.check.sources import Version
from topics.grant import Grant


@dataclass(frozen=True, slots=True)
class Owed:
    """One state that the recipient is entitled to: where record and protection stand, what the triggers say, all it may
    see."""

    version: Version
    stand: Stand
    state: str
    triggers: dict[str, Any]
    items: dict[str, Any]


def owed(grant: Grant, history: Sequence[Version], numbers: Numbers, timeline: Timeline = UNPROTECTED) -> list[Owed]:
    """The states owed to a recipient that follows this person from the start; equal neighbours are one."""
    if grant.counterparty is not None:
        return _owed_to_counterparty(grant, history, numbers, timeline)
    states: list[Owed] = []
    for version, stand in _moments(history, timeline):
        present = _within(grant, _state(grant, version, stand, numbers))
        if _concerns(grant, version.record, present, states) and _differs(present, states):
            states.append(present)
    return states


def _owed_to_counterparty(grant: Grant, history: Sequence[Version], numbers: Numbers, timeline: Timeline) -> list[Owed]:
    """An arrival as protections stood when it was registered; a move that is planned, at each step of them too."""
    states: list[Owed] = []
    moments = list(_moments(history, timeline))
    for version, is_named in told_versions(grant, history):
        stands = [stand for each, stand in moments if each is version]
        for stand in stands[:1] if grant.population == "arrived" else stands:
            present = _state(grant, version, stand, numbers) if is_named else Owed(version, stand, "absent", {}, {})
            if _differs(present, states):
                states.append(present)
    return states


def possible(grant: Grant, history: Sequence[Version], numbers: Numbers, timeline: Timeline) -> list[Owed]:
    """Every version under what held when it was registered or later: what is sent late is sent as protections stand."""
    return [_state(grant, version, stand, numbers) for version in history for stand in timeline.since(version.position)]


def _moments(history: Sequence[Version], timeline: Timeline) -> Iterator[tuple[Version, Stand]]:
    """Each version as it came, and again at each step that its person's protection took until the next."""
    for version, following in zip(history, (*history[1:], None), strict=True):
        until = None if following is None else following.position
        for stand in timeline.since(version.position):
            if until is None or stand.position < until:
                yield version, stand


def _state(grant: Grant, version: Version, stand: Stand, numbers: Numbers) -> Owed:
    items = {} if version.record is None else project(grant, version.record, numbers, withheld(grant, stand))
    return Owed(version, stand, version.state, triggers(grant, items), items)


def _within(grant: Grant, present: Owed) -> Owed:
    """Who is asked for until she has a number is gone for the recipient once she has one, or is no resident."""
    record = present.version.record or {}
    asked = present.state == "active" and record.get("resident_code") and not record.get("my_number")
    if grant.population != "unnumbered" or asked:
        return present
    return replace(present, state="absent", triggers={}, items={})


def _concerns(grant: Grant, record: Record | None, present: Owed, states: Sequence[Owed]) -> bool:
    if record is None or present.state == "absent":
        return bool(states)
    if grant.population != "numbered" or states:
        return True
    return bool(record.get("resident_code") and record.get("my_number"))


def _differs(present: Owed, states: Sequence[Owed]) -> bool:
    return not states or (present.state, present.triggers) != (states[-1].state, states[-1].triggers)
