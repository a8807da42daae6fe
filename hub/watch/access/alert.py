"""An alert: what a rule says of one operator and one window; said again it is the same one."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

ID_CHARACTERS = 16
MOST_EVIDENCE = 200


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days a rule looked at, both included, and the resident's pseudonym where it looked at one resident."""

    first: date
    last: date
    subject: str = ""

    def named(self) -> str:
        """The window in one word."""
        return f"{self.first}/{self.last}/{self.subject}"


@dataclass(frozen=True, slots=True)
class Alert:
    """One line of the review list. `evidence` are look-ups' ids; `figures` say in numbers why."""

    rule: str
    operator: str
    window: Window
    evidence: tuple[UUID, ...] = field(compare=False)
    figures: tuple[tuple[str, float], ...] = field(default=(), compare=False)

    @property
    def id(self) -> str:
        """Rule, operator and window, as one short name."""
        told = "\0".join((self.rule, self.operator, self.window.named()))
        return sha256(told.encode()).hexdigest()[:ID_CHARACTERS]


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the day's week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def fiscal_year_of(day: date) -> tuple[date, date]:
    """First and last day of the day's fiscal year (年度)."""
    year = day.year if day.month >= 4 else day.year - 1
    return date(year, 4, 1), date(year + 1, 3, 31)
