"""Reasons of change (異動事由): a dated code table, read once; program text refers to reasons by name."""

from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import yaml

from topics.items.resident import ReasonCode
from topics.model import WireModel


class Reason(WireModel):
    """One reason: its code on the wire, its names, its effect on the register, its first day of validity."""

    code: ReasonCode
    name: str
    name_ja: str
    effect: Literal["enter", "remove", "amend"]
    valid_from: date


@cache
def reasons_by_name() -> MappingProxyType[str, Reason]:
    """All reasons by English name."""
    rows = yaml.safe_load(files("topics.codes").joinpath("reasons.yaml").read_text(encoding="utf-8"))
    reasons = [Reason.model_validate(row) for row in rows]
    return MappingProxyType({reason.name: reason for reason in reasons})


def reason_code(name: str) -> str:
    """The wire code of the reason called `name`; KeyError for a name the table does not have."""
    return reasons_by_name()[name].code
