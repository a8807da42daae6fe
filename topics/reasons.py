"""Reasons of change (異動事由): a dated code table, read once; program text refers to reasons by name."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from topics.items.resident import ReasonCode
from topics.model import WireModel

ABSENT = "absent"


class Reason(WireModel):
    """One reason: its code on the wire, its names, its effect on the register, the period of its code.

    `listed` tells the reasons of the standard's list (住民記録システム標準仕様書 1.2.2) from the register's own steps.
    """

    code: ReasonCode
    name: str
    name_ja: str
    effect: Literal["enter", "remove", "amend"]
    valid_from: date
    valid_to: date | None = None
    listed: bool = True

    def holds_on(self, day: date) -> bool:
        """Whether the code is valid on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class ReasonMapping(WireModel):
    """What a partner writes for our reasons, in one period; `others` is for those not told one by one."""

    partner: str
    valid_from: date
    valid_to: date | None = None
    codes: dict[str, str]
    others: Literal["absent"] | None = None


def codes_file(name: str) -> Any:
    """The content of a YAML table of `topics/codes`."""
    return yaml.safe_load(files("topics.codes").joinpath(name).read_text(encoding="utf-8"))


@cache
def reasons() -> tuple[Reason, ...]:
    """Every row of the table, in its order."""
    return tuple(Reason.model_validate(row) for row in codes_file("reasons.yaml"))


@cache
def reason_mappings() -> tuple[ReasonMapping, ...]:
    """Every partner's tables."""
    return tuple(ReasonMapping.model_validate(row) for row in codes_file("reason_mappings.yaml"))


def reason_names() -> tuple[str, ...]:
    """Every reason's name, each once, in the table's order."""
    return tuple(dict.fromkeys(reason.name for reason in reasons()))


@cache
def reason_on(name: str, day: date) -> Reason:
    """The row of the reason called `name` that is valid on `day`; LookupError where there is none."""
    found = next((row for row in reasons() if row.name == name and row.holds_on(day)), None)
    if found is None:
        raise LookupError(f"no reason {name!r} is valid on {day}")
    return found


def reason_code(name: str, day: date) -> ReasonCode:
    """The wire code, on `day`, of the reason called `name`; LookupError for one that the table does not have."""
    return reason_on(name, day).code


@cache
def names_of_code(code: ReasonCode) -> frozenset[str]:
    """The reasons that a code stands for, or stood for in some period."""
    return frozenset(reason.name for reason in reasons() if reason.code == code)


def partner_code(partner: str, name: str, day: date) -> str | None:
    """What `partner` writes on `day` for our reason; None where its table says that it has none (absent).

    LookupError for a partner or a reason without a row: that is an oversight, and not an absence.
    """
    for mapping in reason_mappings():
        if mapping.partner == partner and mapping.valid_from <= day <= (mapping.valid_to or date.max):
            told = mapping.codes.get(name, mapping.others)
            if told is not None:
                return None if told == ABSENT else told
    raise LookupError(f"the tables of {partner!r} say nothing of {name!r} on {day}")
