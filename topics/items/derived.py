"""From items of file 1 to the items of another file that tell the same of a person."""

from collections.abc import Mapping

from topics.items.delivery_address import DELIVERY_ADDRESS_FILE
from topics.items.identity import IDENTITY_FILE
from topics.items.resident import RESIDENT_FILE

_OF_IDENTITY: Mapping[str, str] = {
    "name_gaiji": "name",
    "name_kana": "name",
    "name_seion": "name",
    "municipality": "address",
    "town_code": "address",
    "postal_code": "address",
    "address_gaiji": "address",
    "filed_on": "address_since_filed_on",
    "previous_municipality": "moved_in_from",
    "previous_address": "moved_in_from",
    "previous_address_gaiji": "moved_in_from",
    "former_resident_code": "resident_code",
    "resident_code_since": "resident_code",
    "planned": "planned_move_out",
}
"""Fields of file 2 by the field of file 1 that they are made of; the others are called alike."""


_OF_DELIVERY_ADDRESS: Mapping[str, str] = {
    **dict.fromkeys(("destination_name_length", "destination_name", "destination_name_gaiji"), "name"),
    **dict.fromkeys(("name_length", "name_gaiji", "name_kana_length", "name_kana"), "name"),
    **dict.fromkeys(("substitute_name_length", "substitute_name", "substitute_name_positions"), "name"),
    **dict.fromkeys(("destination_postal_code", "destination_address_length", "destination_address"), "address"),
    **dict.fromkeys(("destination_address_gaiji", "municipality", "postal_code"), "address"),
    **dict.fromkeys(("address_length", "address_gaiji", "substitute_address_length", "substitute_address"), "address"),
    "substitute_address_positions": "address",
    "residence_until": "residence_card",
}
"""Fields of file 3 likewise; it may be sent elsewhere than to the address, which then tells nothing of file 1."""

_DERIVED = {
    IDENTITY_FILE.name: (IDENTITY_FILE, _OF_IDENTITY),
    DELIVERY_ADDRESS_FILE.name: (DELIVERY_ADDRESS_FILE, _OF_DELIVERY_ADDRESS),
}


def telling(file: str, item: int) -> frozenset[int]:
    """The items of `file` that tell item `item` of file 1; LookupError when file 1 has no such item."""
    field = RESIDENT_FILE.by_number[item].field
    if file == RESIDENT_FILE.name:
        return frozenset({item})
    catalogue, derived = _DERIVED[file]
    known = catalogue.by_field.items()
    return frozenset(each.number for name, each in known if derived.get(name, name) == field)
