"""How good the rules are on a log whose misuse is known: precision and recall of each, and false alarms a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from uuid import UUID

from hub.watch.access.alert import Alert
from hub.watch.access.memory import Memory
from hub.watch.access.rules import RULES
from hub.watch.access.taking import apply, take
from topics.messages.access import Entry

CONFIDENCE = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval, 95 %."""
        if not self.whole:
            return None
        rate, n, z = self.part / self.whole, self.whole, CONFIDENCE
        middle, half = rate + z * z / (2 * n), z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)

    def told(self) -> str:
        """The share for people."""
        if self.interval is None:
            return "-"
        low, high = self.interval
        return f"{self.part}/{self.whole} ({low:.0%} to {high:.0%})"

    def to_json(self) -> dict[str, object]:
        """The share for programs."""
        return {"part": self.part, "whole": self.whole, "value": self.value, "interval": self.interval}


@dataclass(frozen=True, slots=True)
class Scored:
    """One rule. Precision: its alerts that concern misuse of any kind. Recall: incidents planted for it that it raised;
    `caught`: those that any rule raised."""

    rule: str
    title: str
    precision: Share
    recall: Share
    caught: Share
    false_a_day: float

    def to_json(self) -> dict[str, object]:
        """The rule's figures for programs."""
        shares = {name: getattr(self, name).to_json() for name in ("precision", "recall", "caught")}
        return {"rule": self.rule, "title": self.title, **shares, "false_a_day": self.false_a_day}


def raised(entries: Iterable[Entry]) -> list[Alert]:
    """Every alert over a log in order of time, once."""
    memory, found = Memory(), dict[str, Alert]()
    for entry in entries:
        taken = take(memory, entry)
        found |= {alert.id: alert for alert in taken.alerts if alert.id not in found}
        if taken.sweep is not None:
            apply(memory, taken.sweep)
    return list(found.values())


def score(alerts: Iterable[Alert], planted: Mapping[UUID, str], days: int) -> list[Scored]:
    """Each rule's figures over `days` days; `planted` maps a look-up to its incident, named ``<rule>-<number>``."""
    concerning = [(alert, {planted[one] for one in alert.evidence if one in planted}) for alert in alerts]
    return [_scored(rule.code, rule.title, concerning, set(planted.values()), days) for rule in RULES]


def _scored(code: str, title: str, concerning: list[tuple[Alert, set[str]]], incidents: set[str], days: int) -> Scored:
    own = [incidents_of for alert, incidents_of in concerning if alert.rule == code]
    planned = {incident for incident in incidents if incident.startswith(f"{code}-")}
    told, by_any = set().union(*own), set().union(*(each for _, each in concerning))
    true = sum(map(bool, own))
    return Scored(
        code,
        title,
        Share(true, len(own)),
        Share(len(planned & told), len(planned)),
        Share(len(planned & by_any), len(planned)),
        (len(own) - true) / days,
    )
