"""The steps of a protection (支援措置), pure: which step follows which, and what then holds.

A protection is provisional (仮支援措置) from the application, full (支援措置) for a year from the decision, extendable
from a month before that is over, and provisional again when it is transferred. It ends by a step that somebody files,
never by a date. Source: 住民記録システム標準仕様書 1.1.16, 3.1, 3.4.
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from producers.register.filings import Day, Operator, Residents
from producers.register.findings import FilingRefusedError, Finding, Notice, Rule
from topics.model import WireModel

Step = Literal["provisional", "full", "extension", "transfer", "end"]
Status = Literal["provisional", "full", "ended"]
Level = Literal["address", "record"]


class ProtectionFiling(WireModel):
    """One step for the applicant and those protected with her (併せて支援を求める者); `level` is what is blocked."""

    filing_id: UUID
    operator: Operator
    filed_on: Day
    step: Step
    residents: Residents
    level: Level | None = None

    @property
    def filed_day(self) -> date:
        """The day on which the step is filed."""
        return date.fromisoformat(self.filed_on)


@dataclass(frozen=True, slots=True)
class Protection:
    """A person's protection as its newest step left it; `ends_on` asks for a review and lifts nothing."""

    number: int
    status: Status
    level: Level
    begins_on: date
    ends_on: date | None = None

    @property
    def blocks(self) -> bool:
        """Whether the person's data are blocked: on any day, until somebody files the end."""
        return self.status != "ended"

    def notice(self, today: date) -> Finding | None:
        """What to look at when the term is over: the block stands."""
        if self.status == "full" and self.ends_on is not None and self.ends_on < today:
            return Finding(Notice.SUPPORT_ENDED, "ends_on", "the term is over, the block stands; extend or end it")
        return None


def after(now: Protection | None, filing: ProtectionFiling) -> Protection:
    """What holds after the step; refused with `REG-PROTECTION` where the step does not follow."""
    match filing.step, now:
        case "provisional", None | Protection(status="ended"):
            return _begun(now, filing)
        case "full", Protection(status="provisional"):
            day = filing.filed_day
            return replace(_next(now, filing), status="full", begins_on=day, ends_on=year_later(day))
        case "extension", Protection(status="full", ends_on=date() as ends_on):
            if filing.filed_day < month_before(ends_on):
                raise _refused("filed_on", "earlier than a month before the end; file it then")
            return replace(_next(now, filing), ends_on=year_later(max(ends_on, filing.filed_day)))
        case "transfer", Protection(status="provisional" | "full"):
            return replace(_next(now, filing), status="provisional", begins_on=filing.filed_day, ends_on=None)
        case "end", Protection(status="provisional" | "full"):
            return replace(_next(now, filing), status="ended", ends_on=filing.filed_day)
    raise _refused("step", "does not follow the person's last step; look the protection up")


def _begun(now: Protection | None, filing: ProtectionFiling) -> Protection:
    if filing.level is None:
        raise _refused("level", "say what is blocked")
    return Protection(now.number + 1 if now else 1, "provisional", filing.level, filing.filed_day)


def _next(now: Protection, filing: ProtectionFiling) -> Protection:
    return replace(now, number=now.number + 1, level=filing.level or now.level)


def year_later(day: date) -> date:
    """The same day a year later, the last of February where there is none."""
    return _day_of(day.year + 1, day.month, day.day)


def month_before(day: date) -> date:
    """The same day a month earlier, or the last of that month."""
    return _day_of(day.year - (day.month == 1), (day.month - 2) % 12 + 1, day.day)


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _refused(field: str, sentence: str) -> FilingRefusedError:
    return FilingRefusedError(Rule.PROTECTION, field, sentence)
