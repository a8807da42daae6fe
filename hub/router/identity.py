"""File 1 to file 2: a resident's record as identity confirmation information (本人確認情報)."""

from collections.abc import Mapping
from typing import Any

from hub.router.state import Occasion, Record
from topics.guarded import Guarded
from topics.text.character_sets import character_set
from topics.text.encoding import gaiji_count
from topics.text.kana import seion

_SHOWN = character_set("jis-x-0213")


def identity_items(
    record: Record, state: str, numbers: Mapping[str, Guarded], occasion: Occasion, sequence: int
) -> dict[str, Any]:
    """All items of file 2 that can be told, numbers still guarded; `numbers` maps references to them."""
    address, origin = record["address"], record.get("moved_in_from")
    gaiji = [gaiji_count(text, _SHOWN) for text in (record["name"]["text"], address["text"])]
    items = {
        "resident_code": _joined(record, "resident_code", numbers),
        "name": record["name"]["text"],
        "name_gaiji": gaiji[0],
        "name_kana": record["name"]["kana"],
        "name_seion": seion(record["name"]["kana"]),
        "birth_date": record["birth_date"],
        "sex": record["sex"],
        "municipality": address.get("municipality"),
        "town_code": address.get("town_code"),
        "postal_code": address.get("postal_code"),
        "address": address["text"],
        "address_gaiji": gaiji[1],
        "my_number": _joined(record, "my_number", numbers),
        "resident_since": record["resident_since"],
        "address_since": record["address_since"],
        "filed_on": record.get("address_since_filed_on"),
        "relationship": record.get("relationship"),
        "reason": occasion.reason,
        "changed_on": occasion.dates.changed_on if occasion.dates else None,
        "operator": occasion.operator,
        "update_sequence": sequence,
        "planned": state == "active" and "planned_move_out" in record,
        "gaiji": any(gaiji),
        "record_status": state,
        "timestamp": occasion.registered_at,
    }
    return items | (_origin(origin) if origin else {})


def _joined(record: Record, field: str, numbers: Mapping[str, Guarded]) -> Guarded | None:
    """The number behind a reference, or None where the record has none (any more: its entry may be annulled)."""
    reference = record.get(field)
    return None if reference is None else numbers[reference]


def _origin(address: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "previous_municipality": address.get("municipality"),
        "previous_address": address["text"],
        "previous_address_gaiji": gaiji_count(address["text"], _SHOWN),
    }
