"""Japanese eras (元号): a date in its era and back; a dated table, read once."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from topics.dates import RegisterDate, parts_of, written
from topics.model import WireModel


class Era(WireModel):
    """One era: its names, its first day and, once over, its last."""

    name: str
    name_ja: str
    first_day: RegisterDate
    last_day: RegisterDate = "9999-12-31"

    def year_one(self) -> int:
        """The year of the calendar in which it began."""
        return int(self.first_day[:4])


@dataclass(frozen=True, slots=True)
class EraDate:
    """A date in an era: the era's Japanese name, its year from 1, and month and day as far as they are known."""

    era: str
    year: int
    month: int | None = None
    day: int | None = None


class EraError(ValueError):
    """The era did not have that day, month or year, or there is no such era."""


@cache
def eras() -> MappingProxyType[str, Era]:
    """All eras by Japanese name, in the order of time."""
    rows = yaml.safe_load(files("topics.codes").joinpath("eras.yaml").read_text(encoding="utf-8"))
    return MappingProxyType({era.name_ja: era for era in map(Era.model_validate, rows)})


def from_era(told: EraDate) -> RegisterDate:
    """The register date of a date in an era; EraError when no part of it falls into the era."""
    era = eras().get(told.era)
    if era is None:
        raise EraError("no such era")
    value = written((era.year_one() + told.year - 1, told.month, told.day))
    if told.year < 1 or not _overlaps(era, value):
        raise EraError("the era did not have that date")
    return value


def eras_of(value: RegisterDate) -> tuple[EraDate, ...]:
    """The date in every era that it may belong to: two on the day of a change or where it is not wholly known."""
    year, month, day = parts_of(value)
    if year is None:
        return ()
    return tuple(
        EraDate(era.name_ja, year - era.year_one() + 1, month, day) for era in eras().values() if _overlaps(era, value)
    )


def era_of(value: RegisterDate) -> EraDate | None:
    """The date in its era: the new one on the day of a change; None where the era is not known, or there is none."""
    found = eras_of(value)
    whole_day = parts_of(value)[2] is not None
    return found[-1] if len(found) == 1 or (found and whole_day) else None


def _overlaps(era: Era, value: RegisterDate) -> bool:
    """Compared as text, as a calendar lacks some of the days."""
    day = value.rstrip("~")
    earliest = day.replace("XX", "01")
    latest = day.replace("-XX-XX", "-12-31").replace("-XX", "-31")
    return era.first_day <= latest and earliest <= era.last_day
