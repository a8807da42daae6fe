"""From items of file 1 to the items of another file that tell the same of a person."""

from collections.abc import Mapping

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


def telling(file: str, item: int) -> frozenset[int]:
    """The items of `file` that tell item `item` of file 1; LookupError when file 1 has no such item."""
    field = RESIDENT_FILE.by_number[item].field
    if file == RESIDENT_FILE.name:
        return frozenset({item})
    known = IDENTITY_FILE.by_field.items()
    return frozenset(each.number for name, each in known if _OF_IDENTITY.get(name, name) == field)
