"""Entries of the access log (アクセスログ): who looked at whom, and who was dealt with; topic ``access.log.v1``.

Residents are keyed pseudonyms. What the analysis may know of a resident or an operator beyond that is said where the
data lie, as a fact without the data: whether they live together, whether somebody is staff, is protected, is on duty.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, get_args
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter

from topics.items.resident import MunicipalityCode
from topics.model import WireModel
from topics.strict_json import unambiguous

SCHEMA: Final = "access.log.v1"
EVENT_TYPE: Final = "jp.kairan.access.log.v1"

Pseudonym = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{24}$")]
Account = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,30}$")]
"""As the national layout writes an operator: also one of the former system, whose file is taken in."""
Short = Annotated[str, StringConstraints(max_length=200)]


class Question(StrEnum):
    """What was asked: a number's holder, a name, a document's content, protections, a page of the desk's."""

    NUMBER = "number"
    SEARCH = "search"
    DOCUMENT = "document"
    PROTECTION = "protection"
    PAGE = "page"


class Tie(StrEnum):
    """What ties the operator to a resident: being the same person, one household, one address."""

    SELF = "self"
    HOUSEHOLD = "household"
    ADDRESS = "address"


class Standing(StrEnum):
    """Whether the account may have been at work that day, by the city's list of staff; `UNLISTED`: there is no list."""

    ON_DUTY = "on-duty"
    ON_LEAVE = "on-leave"
    OFF_DUTY = "off-duty"
    UNKNOWN = "unknown"
    UNLISTED = "unlisted"


class Subject(WireModel):
    """A resident whom an answer was about."""

    pseudonym: Pseudonym
    tie: Tie | None = None
    staff: bool = False
    protected: bool = False


class _Entry(WireModel):
    schema_version: Literal["access.log.v1"] = SCHEMA
    event_id: UUID
    municipality: MunicipalityCode
    at: AwareDatetime


class LookUp(_Entry):
    """One look-up. `found` residents fitted; `subjects` were shown, and none of them when there were `too_many`."""

    type: Literal["look-up"] = "look-up"
    operator: Account
    question: Question
    purpose: Short
    case_number: Short
    number_touched: bool
    found: Annotated[int, Field(ge=0, le=10_000_000)]
    too_many: bool = False
    standing: Standing = Standing.UNLISTED
    subjects: tuple[Subject, ...] = ()


class Handling(_Entry):
    """A filing of these residents was registered: what a look-up around that time was for. Households count whole."""

    type: Literal["handling"] = "handling"
    operator: Account
    subjects: tuple[Pseudonym, ...]


class UpTo(_Entry):
    """The register has told everything up to this moment: what is not here by now has not happened."""

    type: Literal["up-to"] = "up-to"


Entry = LookUp | Handling | UpTo
ENTRY_MODELS: tuple[type[WireModel], ...] = get_args(Entry)
"""The model of every type of entry."""

ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="type")])
"""Validates one entry of any type."""


def read_entry(value: bytes) -> Entry:
    """The entry in bytes that travelled; raises ValueError."""
    return ENTRY.validate_json(unambiguous(value))
