"""Legal bases (法令上の根拠): a dated table of laws and the most that each allows, read once."""

from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import yaml

from topics.messages.protection import Told
from topics.model import WireModel

DeliveryField = Literal["reason", "dates", "operator"]
"""What of the change itself (異動事由・異動日・操作者) a delivery may tell besides the person's items."""


class LegalBasis(WireModel):
    """One law as it stood from `valid_from` to `valid_to`: the items, delivery fields and numbers it allows at most,
    and how much it allows to tell of protections (支援措置)."""

    key: str
    law: str
    article: str
    about: str
    catalogue: Literal["resident", "identity", "delivery-address"]
    items: frozenset[int]
    delivery_fields: frozenset[DeliveryField]
    my_number: bool
    resident_code: bool
    protection_told: Told = "none"
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, today: date) -> bool:
        """Whether the law is in force on `today`."""
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)

    def named(self) -> str:
        """Law and article, as one quotes them."""
        return f"{self.law} {self.article}"


@cache
def legal_bases() -> MappingProxyType[str, LegalBasis]:
    """All bases by key, in force or not."""
    rows = yaml.safe_load(files("topics.codes").joinpath("legal_bases.yaml").read_text(encoding="utf-8"))
    bases = [LegalBasis.model_validate(row) for row in rows]
    return MappingProxyType({basis.key: basis for basis in bases})
