"""What municipalities write to each other: move-in notices (転入通知), move-out certificates (転出証明書情報).

A person is named by the resident code, since neither knows the other's addressee numbers; it comes out of the envelope
guarded.
"""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from topics.dates import RegisterDate, calendar_day
from topics.guarded import MyNumber, ResidentCode
from topics.items.resident import Address, PersonName, ResidentClass, Sex
from topics.model import WireModel

SCHEMA: Final = "kairan.letter.v1"
MOST_PERSONS: Final = 20


def _a_day(text: str) -> str:
    if calendar_day(text) is None:
        raise ValueError("a day of the calendar")
    return text


Day = Annotated[RegisterDate, AfterValidator(_a_day)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Address200 = Annotated[Address, AfterValidator(lambda address: _short(address))]


def _short(address: Address) -> Address:
    if len(address.text) > 200:
        raise ValueError("an address of at most 200 characters")
    return address


class NoticeLetter(WireModel):
    """Who moved in, since when (`moved_in_on`), to where; `noticed_on` is the day of the notice (通知日)."""

    resident_codes: Annotated[tuple[ResidentCode, ...], Field(min_length=1, max_length=MOST_PERSONS)]
    moved_in_on: Day
    noticed_on: Day
    address: Address200


class CertifiedPerson(WireModel):
    """One person who is about to come, as the register that she leaves has her."""

    name: PersonName
    birth_date: RegisterDate
    sex: Sex
    relationship: Text | None = None
    resident_class: ResidentClass = "japanese"
    resident_code: ResidentCode
    my_number: MyNumber | None = None
    registered_domicile: Text | None = None
    domicile_head: Text | None = None


class CertificateLetter(WireModel):
    """Who is about to come, from where, and on which day they are to leave (転出予定年月日)."""

    persons: Annotated[tuple[CertifiedPerson, ...], Field(min_length=1, max_length=MOST_PERSONS)]
    origin: Address200
    planned_on: Day
