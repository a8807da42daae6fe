"""What a protection (支援措置) withholds and tells under a grant, derived a second time from register and grant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from topics.grant import Grant

BLOCKED = ("unknown", "provisional", "full")
KEPT_NUMBER = 1
"""The item by which the person stays known when her whole record is blocked."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What holds of a person from a position of the register on; `unknown` while nobody has told."""

    position: int
    status: str
    level: str | None = None
    begins_on: date | None = None
    ends_on: date | None = None

    @property
    def blocks(self) -> bool:
        """Whether data are blocked: also while it is unknown, and on whatever day."""
        return self.status in BLOCKED


@dataclass(frozen=True, slots=True)
class Timeline:
    """A person's stands in the register's order, the first from the beginning."""

    stands: tuple[Stand, ...] = (Stand(0, "none"),)

    def at(self, position: int) -> Stand:
        """What held at a position."""
        return [each for each in self.stands if each.position <= position][-1]

    def since(self, position: int) -> Iterator[Stand]:
        """What held at a position, and everything since."""
        yield self.at(position)
        yield from (each for each in self.stands if each.position > position)

    @property
    def present(self) -> Stand:
        """What holds now."""
        return self.stands[-1]


UNPROTECTED = Timeline()


def timeline(steps: Iterable[Stand], *, unknown: bool, told_none_at: int | None) -> Timeline:
    """From a person's steps; `unknown`: nobody told, until `told_none_at` or the first step."""
    first = Stand(0, "unknown" if unknown else "none")
    none = () if told_none_at is None else (Stand(told_none_at, "none"),)
    return Timeline((first, *sorted((*none, *steps), key=lambda each: each.position)))


def withheld(grant: Grant, stand: Stand) -> frozenset[str]:
    """The fields that the recipient does not get while this holds."""
    declared, rule = frozenset(grant.withheld_fields()), grant.protection
    if stand.status == "unknown":
        return declared
    if not stand.blocks or rule.while_blocked == "send":
        return frozenset()
    whole = zip(grant.items, grant.fields(), strict=True)
    return frozenset(field for number, field in whole if number != KEPT_NUMBER) if stand.level == "record" else declared


def told(grant: Grant, stand: Stand) -> dict[str, Any] | None:
    """What the recipient is told while this holds, as it stands in a delivery; None: nothing."""
    match grant.protection.told:
        case "none":
            return None
        case "flag":
            return {"blocked": stand.blocks}
    status = "none" if stand.status == "ended" else stand.status
    return {"blocked": stand.blocks, "status": status} | (_terms(stand) if stand.blocks else {})


def _terms(stand: Stand) -> dict[str, str]:
    """Level and period, as far as they are set."""
    days = {"begins_on": stand.begins_on, "ends_on": stand.ends_on}
    level = {} if stand.level is None else {"level": stand.level}
    return level | {name: day.isoformat() for name, day in days.items() if day is not None}
