"""File 1 to file 3: where a resident's number notice and card are sent (送付先情報)."""

from collections.abc import Container, Mapping
from typing import Any

from hub.router.state import GUARDED, Occasion, Record, Sending
from topics.guarded import Guarded
from topics.items.delivery_address import DELIVERY_ADDRESS_FILE, OFFICE_ITEMS
from topics.items.formats import Kind
from topics.items.measures import measured
from topics.offices import office_on
from topics.text.character_sets import character_set

_SHOWN = character_set("jis-x-0213")


def delivery_address_items(
    record: Record,
    numbers: Mapping[str, Guarded],
    occasion: Occasion,
    sending: Sending,
    withheld: Container[str] = frozenset(),
) -> dict[str, Any]:
    """All items of file 3 that can be told, numbers still guarded; `numbers` maps references to them.

    It is sent to the address of residence: the register holds no other. What is withheld is not measured either.
    Nobody has told the register what is printed, at which terminal, or where cards go: these items stay empty.
    """
    told = {**_person(record, numbers), **_sending(occasion, sending), **_office(sending)}
    full = measured(DELIVERY_ADDRESS_FILE, {name: told[name] for name in told if name not in withheld}, _SHOWN)
    gaiji = any(full.get(count) for count in _COUNTS)
    substituted = any(name in full for name in ("substitute_name", "substitute_address"))
    positions = {name: list(full[name]) for name in _POSITIONS if name in full}
    return full | positions | {"gaiji": gaiji, "substitution_result": "1" if substituted else "0"}


_POSITIONS = ("substitute_name_positions", "substitute_address_positions")
_COUNTS = tuple(
    name
    for name, each in DELIVERY_ADDRESS_FILE.by_field.items()
    if each.value.form.kind is Kind.GAIJI and each.number not in OFFICE_ITEMS
)
"""The counts of gaiji in what is about the person."""


def _person(record: Record, numbers: Mapping[str, Guarded]) -> dict[str, Any]:
    name, address = record["name"], record["address"]
    return {
        **{field: numbers[record[field]] for field in GUARDED if record.get(field) is not None},
        "destination_postal_code": address.get("postal_code"),
        "destination_address": address["text"],
        "destination_name": name["text"],
        "name": name["text"],
        "name_kana": name["kana"],
        "postal_code": address.get("postal_code"),
        "address": address["text"],
        "birth_date": record["birth_date"],
        "sex": record["sex"],
        "article_30_45_class": record.get("article_30_45_class"),
    }


def _sending(occasion: Occasion, sending: Sending) -> dict[str, Any]:
    return {
        "management_number": f"{sending.municipality}-{sending.generation}-{sending.number}",
        "municipality": sending.municipality,
        "persons": 1,
        "processed_on": sending.day.isoformat(),
        "operator": occasion.operator,
    }


def _office(sending: Sending) -> dict[str, Any]:
    """The municipality's own items, as far as they are declared for that day."""
    office = office_on(sending.municipality, sending.day)
    return {} if office is None else office.items()
