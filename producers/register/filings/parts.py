"""What filings (届出) are made of: fields with their forms, persons, places, and what every filing tells."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from topics.check_digits import is_serial
from topics.dates import RegisterDate, calendar_day
from topics.guarded import MyNumber, ResidentCode
from topics.items.resident import PersonName, ReasonCode, ResidentClass, Sex
from topics.model import WireModel
from topics.relationship import is_relationship


def _checked(holds: Any, sentence: str) -> AfterValidator:
    def check(text: str) -> str:
        if not holds(text):
            raise ValueError(sentence)
        return text

    return AfterValidator(check)


Serial = Annotated[str, _checked(is_serial, "10 digits, the last a check digit; look the person or household up")]
Relationship = Annotated[
    str, _checked(is_relationship, "words of 続柄 joined by の, four generations at most; else 縁故者 or 同居人")
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Day = Annotated[RegisterDate, _checked(calendar_day, "a day of the calendar")]
Article3045Class = Annotated[str, StringConstraints(pattern=r"^[1-4]$")]
ResidenceCardNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{8}[A-Z]{2}$")]
Operator = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,30}$")]


class ForeignStatus(WireModel):
    """What the register holds of a foreign resident (外国人住民) beside the common items; items 25-29."""

    since: RegisterDate
    nationality: Text
    article_30_45_class: Article3045Class
    residence_card_number: ResidenceCardNumber | None = None
    residence_status: Text | None = None


class NewPerson(WireModel):
    """A person who enters the register; with `addressee_number` one who had been in it before (再転入)."""

    name: PersonName
    birth_date: RegisterDate
    sex: Sex
    relationship: Relationship
    resident_class: ResidentClass = "japanese"
    addressee_number: Serial | None = None
    my_number: MyNumber | None = None
    resident_code: ResidentCode | None = None
    registered_domicile: Text | None = None
    domicile_head: Text | None = None
    foreign: ForeignStatus | None = None


class MigratedPerson(NewPerson):
    """A person taken over from the former system, with the dates as they stood there."""

    resident_since: RegisterDate
    resident_since_reason: ReasonCode
    address_since: RegisterDate
    previous_address: Text | None = None


class Place(WireModel):
    """A member's place in a household: who, and the relationship to its head."""

    addressee_number: Serial
    relationship: Relationship


class FilingForm(WireModel):
    """What every filing tells.

    `filed_on` is the day on which it is handed in (届出日); for what the office does by itself, that of its decision.
    Of the six dates 異動日 is `changed_on`, 申出日 `requested_on`, 通知日 `notified_on`, 請求日 `claimed_on`.
    """

    filing_id: UUID
    operator: Operator
    filed_on: Day
    changed_on: RegisterDate
    requested_on: Day | None = None
    notified_on: Day | None = None
    claimed_on: Day | None = None
    provisional: bool = False

    @property
    def filed_day(self) -> date:
        """The day on which it is handed in."""
        return date.fromisoformat(self.filed_on)


Persons = Annotated[tuple[NewPerson, ...], Field(min_length=1, max_length=20)]
Residents = Annotated[tuple[Serial, ...], Field(min_length=1, max_length=20)]
Places = Annotated[tuple[Place, ...], Field(min_length=1, max_length=20)]
