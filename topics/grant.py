"""A grant (提供・移転の許可): the dated, reviewed declaration from which topic, ACLs and projection are derived.

Deny by default: what a grant does not list, its recipient does not get.
"""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, StringConstraints, ValidationError, model_validator

from topics.items.catalogue import Catalogue, ItemClass
from topics.items.identity import CONTROL_ITEMS, IDENTITY_FILE
from topics.items.resident import RESIDENT_FILE
from topics.model import WireModel

RecipientName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ItemNumbers = Annotated[tuple[int, ...], Field(min_length=1)]

CATALOGUES: dict[str, Catalogue] = {"resident": RESIDENT_FILE, "identity": IDENTITY_FILE}


class LegalBasis(WireModel):
    """The law under which the recipient may receive."""

    law: str
    article: str


class Request(WireModel):
    """The request letter (依頼文書): who asked, when, and the digest of the letter examined."""

    letter_sha256: Digest
    received_on: date
    requester: str


class Review(WireModel):
    """The decision on the request, by somebody other than the requester."""

    reviewer: str
    decided_on: date
    decision: Literal["approved", "refused"]


class Numbers(WireModel):
    """Whether guarded numbers are joined, and the stated need; permission alone is not enough."""

    my_number: bool = False
    resident_code: bool = False
    need: str = ""


class Grant(WireModel):
    """One recipient's grant.

    `items` and `triggers` are numbers of `catalogue` (resident: file 1, identity: file 2). `population`: everyone,
    only residents who have both numbers, or only persons on the recipient's own interest list. `identifier`: whether
    persons are known to the recipient by granted items or by a random link number. `store`: one database of the
    recipient for each municipality, or one for all.
    """

    recipient: RecipientName
    title: str
    synthetic: Literal[True]
    catalogue: Literal["resident", "identity"]
    purpose: str
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1)
    request: Request
    review: Review | None = None
    valid_from: date
    valid_to: date
    suspended: bool = False
    generation: int = Field(1, ge=1)
    items: ItemNumbers
    triggers: ItemNumbers
    numbers: Numbers = Numbers()
    population: Literal["all", "numbered", "interest"]
    identifier: Literal["items", "link-number"] = "items"
    groups: bool = True
    store: Literal["municipality", "shared"] = "municipality"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        known = CATALOGUES[self.catalogue].by_number
        if not set(self.items) <= set(known) or len(set(self.items)) != len(self.items):
            raise ValueError("items: each is a number of the catalogue, once")
        if not set(self.triggers) <= set(self.items):
            raise ValueError("triggers: each must be among the items")
        if self.catalogue == "identity" and set(self.triggers) & CONTROL_ITEMS:
            raise ValueError("triggers: control items alone never cause a delivery")
        if self.review and self.review.reviewer == self.request.requester:
            raise ValueError("review: the reviewer must not be the requester")
        self._guarded_items_need_numbers()
        return self

    def _guarded_items_need_numbers(self) -> None:
        classes = {CATALOGUES[self.catalogue].by_number[number].item_class for number in self.items}
        if ItemClass.NUMBER in classes and not self.numbers.my_number:
            raise ValueError("items: a My Number item is listed but numbers.my_number is off")
        if ItemClass.RESIDENT_CODE in classes and not self.numbers.resident_code:
            raise ValueError("items: a resident code item is listed but numbers.resident_code is off")
        if (self.numbers.my_number or self.numbers.resident_code) and not self.numbers.need:
            raise ValueError("numbers: state the need")

    def refusal_on(self, today: date) -> str | None:
        """Why this grant yields nothing on `today`, or None when it is in force."""
        if self.review is None:
            return "unreviewed"
        if self.review.decision == "refused":
            return "refused"
        if self.suspended:
            return "suspended"
        if not self.valid_from <= today <= self.valid_to:
            return "outside its dates"
        return None

    def fields(self) -> tuple[str, ...]:
        """Field names of the permitted items."""
        return CATALOGUES[self.catalogue].fields(self.items)

    def trigger_fields(self) -> tuple[str, ...]:
        """Field names of the triggers."""
        return CATALOGUES[self.catalogue].fields(self.triggers)


def parse_grant(text: str, source: str) -> Grant:
    """The grant in YAML `text`; ValueError naming `source`, field and rule when it is not one."""
    try:
        return Grant.model_validate(yaml.safe_load(text))
    except yaml.YAMLError:
        raise ValueError(f"{source}: not YAML") from None
    except ValidationError as error:
        findings = error.errors(include_input=False, include_context=False, include_url=False)
        rules = "; ".join(f"{'.'.join(map(str, f['loc'])) or 'grant'}: {f['msg']}" for f in findings)
        raise ValueError(f"{source}: {rules}") from None


@cache
def declared_grants() -> tuple[Grant, ...]:
    """All grants under ``topics/grants``, by recipient name, in force or not."""
    found = sorted(path.name for path in files("topics.grants").iterdir() if path.name.endswith(".yaml"))
    return tuple(parse_grant(files("topics.grants").joinpath(n).read_text(encoding="utf-8"), n) for n in found)


def grants_in_force(today: date) -> tuple[Grant, ...]:
    """The grants that yield topics, keys and records on `today`."""
    return tuple(grant for grant in declared_grants() if grant.refusal_on(today) is None)
