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
MOST_CHARACTERS: Final = 200


def _a_day(text: str) -> str:
    if calendar_day(text) is None:
        raise ValueError("a day of the calendar")
    return text


def _short(address: Address) -> Address:
    if len(address.text) > MOST_CHARACTERS:
        raise ValueError(f"an address of at most {MOST_CHARACTERS} characters")
    return address


Day = Annotated[RegisterDate, AfterValidator(_a_day)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS)]
Place = Annotated[Address, AfterValidator(_short)]


class NoticeLetter(WireModel):
    """Who moved in, since when (`moved_in_on`), to where; `noticed_on` is the day of the notice (通知日)."""

    resident_codes: Annotated[tuple[ResidentCode, ...], Field(min_length=1, max_length=MOST_PERSONS)]
    moved_in_on: Day
    noticed_on: Day
    address: Place


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
    origin: Place
    planned_on: Day
