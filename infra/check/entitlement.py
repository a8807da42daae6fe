"""What a recipient must have been sent, in order, by the register's history and its grant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.check.projection import Numbers, Record, project, triggers
from infra.check.sources import Version
from topics.grant import Grant


@dataclass(frozen=True, slots=True)
class Owed:
    """One state that the recipient is entitled to: where the record stands, what its triggers say, all it may see."""

    version: Version
    state: str
    triggers: dict[str, Any]
    items: dict[str, Any]


def owed(grant: Grant, history: Sequence[Version], numbers: Numbers) -> list[Owed]:
    """The states owed to a recipient that follows this person from the start; equal neighbours are one."""
    states: list[Owed] = []
    for version in history:
        record = version.record
        present = _state(grant, version, numbers)
        if _concerns(grant, record, present, states) and _differs(present, states):
            states.append(present)
    return states


def _state(grant: Grant, version: Version, numbers: Numbers) -> Owed:
    items = {} if version.record is None else project(grant, version.record, numbers)
    return Owed(version, version.state, triggers(grant, items), items)


def _concerns(grant: Grant, record: Record | None, present: Owed, states: Sequence[Owed]) -> bool:
    if record is None or present.state == "absent":
        return bool(states)
    if grant.population != "numbered" or states:
        return True
    return bool(record.get("resident_code") and record.get("my_number"))


def _differs(present: Owed, states: Sequence[Owed]) -> bool:
    return not states or (present.state, present.triggers) != (states[-1].state, states[-1].triggers)
