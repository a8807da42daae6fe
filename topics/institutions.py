"""Institutions (情報照会者) that know a person by a link code of their own: a dated table, read once."""

from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Literal

import yaml
from pydantic import StringConstraints

from topics.model import WireModel

INTERMEDIATE = "intermediate"
"""The recipient that answers inquiries (中間サーバー)."""


class Institution(WireModel):
    """One institution: its key in names of secrets and rows, its titles, its first and last day."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    title_ja: str
    title_en: str
    synthetic: Literal[True]
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, today: date) -> bool:
        """Whether codes are made for it on `today`."""
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)


@cache
def institutions() -> MappingProxyType[str, Institution]:
    """All institutions by key, whether they hold today or not; ValueError when one stands twice."""
    rows = yaml.safe_load(files("topics.codes").joinpath("institutions.yaml").read_text(encoding="utf-8"))
    found = [Institution.model_validate(row) for row in rows]
    by_key = {institution.key: institution for institution in found}
    if len(by_key) != len(found):
        raise ValueError("institutions.yaml: an institution stands twice")
    return MappingProxyType(by_key)


def institutions_on(today: date) -> tuple[str, ...]:
    """The keys of the institutions for which codes are made on `today`."""
    return tuple(key for key, institution in institutions().items() if institution.holds_on(today))
