"""For which purposes an institution may ask for which items: a dated table; what is not in it, it may not."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal, Self

import yaml
from pydantic import Field, model_validator

from topics.institutions import institutions
from topics.messages.inquiry import ItemNumber, Key
from topics.model import WireModel


class Permission(WireModel):
    """One purpose of one institution (事務): the items of file 1, the legal basis, the first and last day."""

    institution: Key
    purpose: Key
    title_ja: str
    title_en: str
    synthetic: Literal[True]
    legal_basis: tuple[str, ...] = Field(min_length=1)
    items: tuple[ItemNumber, ...] = Field(min_length=1)
    valid_from: date
    valid_to: date | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.institution not in institutions():
            raise ValueError("institution: must be one of institutions.yaml")
        if len(set(self.items)) != len(self.items):
            raise ValueError("items: each once")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it may be asked for this purpose on `day`; an institution's own days hold too."""
        own = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return own and institutions()[self.institution].holds_on(day)


@cache
def permissions() -> tuple[Permission, ...]:
    """All permissions; ValueError when a purpose stands twice for an institution."""
    rows = yaml.safe_load(files("topics.codes").joinpath("inquiries.yaml").read_text(encoding="utf-8"))
    found = tuple(Permission.model_validate(row) for row in rows)
    if len({(each.institution, each.purpose) for each in found}) != len(found):
        raise ValueError("inquiries.yaml: a purpose stands twice for one institution")
    return found


def permitted_items(institution: str, purpose: str, day: date) -> frozenset[int]:
    """The items that the institution may ask for on `day`; none for what is not declared."""
    for each in permissions():
        if (each.institution, each.purpose) == (institution, purpose) and each.holds_on(day):
            return frozenset(each.items)
    return frozenset()
