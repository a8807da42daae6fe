"""Filings of who enters the register (記載): migration, move-ins, birth, entry ex officio."""

from typing import Annotated, Literal

from pydantic import Field

from producers.register.filings.parts import FilingForm, MigratedPerson, NewPerson, Persons, Serial
from topics.items.resident import Address


class Migration(FilingForm):
    """A household of the former system (移行): its members and their address."""

    kind: Literal["migration"] = "migration"
    address: Address
    persons: Annotated[tuple[MigratedPerson, ...], Field(min_length=1, max_length=20)]


class DomesticMoveIn(FilingForm):
    """Move-in from another municipality (国内転入); with `household_number` into a household that exists.

    `unreported` are addresses since the origin that were never reported (未届転入), the latest last. A child born on
    the way enters as one of the persons: a move-in filed with a birth is a move-in.
    """

    kind: Literal["move-in-domestic"] = "move-in-domestic"
    origin: Address
    unreported: Annotated[tuple[Address, ...], Field(max_length=20)] = ()
    address: Address
    persons: Persons
    household_number: Serial | None = None


class MoveInFromAbroad(FilingForm):
    """Move-in from abroad (国外転入); who has never been numbered is numbered afterwards."""

    kind: Literal["move-in-abroad"] = "move-in-abroad"
    origin: Address
    address: Address
    persons: Persons
    household_number: Serial | None = None


class ExOfficioEntry(FilingForm):
    """Ex-officio entry (職権記載) of persons who live here and stood in no register."""

    kind: Literal["ex-officio-entry"] = "ex-officio-entry"
    address: Address
    persons: Persons
    household_number: Serial | None = None


class Birth(FilingForm):
    """Birth (出生) into a household; My Number comes later, from the national pool."""

    kind: Literal["birth"] = "birth"
    household_number: Serial
    child: NewPerson
