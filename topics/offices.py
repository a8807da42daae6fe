"""What a municipality says of itself to those who send for it (items 10-32 of file 3): a dated table, read once."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from topics.items.resident import MunicipalityCode
from topics.model import WireModel


class Place(WireModel):
    """A place with its postal address and telephone."""

    name: str
    postal_code: str
    address: str
    phone: str


class Office(WireModel):
    """One municipality from `valid_from` to `valid_to`: itself, where cards are handed over (交付場所), and where they
    are sent to (カード送付場所), if that is decided."""

    municipality: MunicipalityCode
    synthetic: Literal[True]
    valid_from: date
    valid_to: date | None = None
    seat: Place
    handover: Place | None = None
    card: Place | None = None

    def items(self) -> dict[str, str]:
        """The items of file 3 that it tells, without the measures of their texts."""
        seat = {f"municipality_{name}": value for name, value in self.seat.model_dump().items()}
        return seat | _of_place("handover", self.handover) | _of_place("card", self.card)


def _of_place(prefix: str, place: Place | None) -> dict[str, str]:
    if place is None:
        return {}
    told = {f"{prefix}_{name}": value for name, value in place.model_dump(exclude={"name"}).items()}
    return {f"{prefix}_place": place.name, **told}


@cache
def _offices() -> tuple[Office, ...]:
    rows = yaml.safe_load(files("topics.codes").joinpath("offices.yaml").read_text(encoding="utf-8"))
    return tuple(Office.model_validate(row) for row in rows)


def office_on(municipality: str, day: date) -> Office | None:
    """What holds of the municipality on `day`; None when nothing is declared."""
    for office in _offices():
        if office.municipality == municipality and office.valid_from <= day <= (office.valid_to or day):
            return office
    return None
