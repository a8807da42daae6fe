"""Filings (届出) as the counter hands them in, one model for each kind; validated in form here, in sense by `rules`."""

import re
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from producers.register.filings.entering import Birth, DomesticMoveIn, ExOfficioEntry, Migration, MoveInFromAbroad
from producers.register.filings.households import (
    ChangeOfHead,
    HouseholdChange,
    HouseholdMerge,
    HouseholdSplit,
    MoveWithin,
)
from producers.register.filings.leaving import Death, ExOfficioRemoval, MoveInNotice, MoveOutAnnounced, MoveOutEffective
from producers.register.filings.parts import Day, ForeignStatus, MigratedPerson, NewPerson, Operator, Place, Residents
from producers.register.filings.persons import (
    Alias,
    CodeChange,
    FormerName,
    NationalityLoss,
    Naturalisation,
    NumberChange,
    NumberEntry,
)
from producers.register.filings.records import (
    Annulment,
    ClericalCorrection,
    ExOfficioCorrection,
    MinorAmendment,
    Renewal,
    ResidenceNotice,
)
from producers.register.findings import FilingRefusedError, Rule
from producers.register.texts import SENTENCE, first_unfit
from topics.strict_json import AmbiguousJsonError, unambiguous

__all__ = (
    "NUMBERS",
    "Alias",
    "Annulment",
    "Birth",
    "ChangeOfHead",
    "ClericalCorrection",
    "CodeChange",
    "Day",
    "Death",
    "DomesticMoveIn",
    "ExOfficioCorrection",
    "ExOfficioEntry",
    "ExOfficioRemoval",
    "Filing",
    "ForeignStatus",
    "FormerName",
    "HouseholdChange",
    "HouseholdMerge",
    "HouseholdSplit",
    "MigratedPerson",
    "Migration",
    "MinorAmendment",
    "MoveInFromAbroad",
    "MoveInNotice",
    "MoveOutAnnounced",
    "MoveOutEffective",
    "MoveWithin",
    "NationalityLoss",
    "Naturalisation",
    "NewPerson",
    "NumberChange",
    "NumberEntry",
    "Operator",
    "Place",
    "Renewal",
    "ResidenceNotice",
    "Residents",
    "parse_filing",
)

Filing = (
    Migration | DomesticMoveIn | MoveInFromAbroad | ExOfficioEntry | Birth | MoveOutAnnounced | MoveOutEffective
    | MoveInNotice | Death | ExOfficioRemoval | MoveWithin | ChangeOfHead | HouseholdSplit | HouseholdMerge
    | HouseholdChange | ExOfficioCorrection | ClericalCorrection | MinorAmendment | NumberEntry | NumberChange
    | CodeChange | Naturalisation | NationalityLoss | ResidenceNotice | FormerName | Alias | Renewal | Annulment
)  # fmt: skip

_GUARDED = {"my_number": True, "resident_code": True}
NUMBERS: Any = {**_GUARDED, "persons": {"__all__": _GUARDED}, "child": _GUARDED}
"""Where numbers stand in a filing: what is left out of every form in which it is kept or looked over."""

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_FILING: TypeAdapter[Filing] = TypeAdapter(Annotated[Filing, Field(discriminator="kind")])
_SENTENCES = {"union_tag_invalid": "must be one of the kinds of filing", "uuid_parsing": "must be a UUID"}
"""In place of the library's sentences that quote what they refuse."""


def parse_filing(text: str | bytes) -> Filing:
    """The filing in JSON `text`; raises `FilingRefusedError` that names the first field at fault, never its value."""
    try:
        filing = _FILING.validate_json(unambiguous(text))
    except AmbiguousJsonError as error:
        raise FilingRefusedError(Rule.FORMAT, "kind", f"{error}; write the filing anew") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        field = ".".join(map(_field, first["loc"][1:])) or "kind"
        sentence = _SENTENCES.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise FilingRefusedError(Rule.FORMAT, field, sentence) from None
    unfit = first_unfit(filing.model_dump(exclude_none=True, exclude=NUMBERS))
    if unfit is not None:
        raise FilingRefusedError(Rule.TEXT, unfit, SENTENCE)
    return filing


def _field(part: int | str) -> str:
    """A part of a field's place; an unknown field's name is the sender's own text, and repeated only if harmless."""
    return str(part) if isinstance(part, int) or _FIELD_NAME.fullmatch(part) else "?"
