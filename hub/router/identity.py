"""File 1 to file 2: a resident's record as identity confirmation information (本人確認情報)."""

from collections.abc import Mapping
from typing import Any

from hub.router.state import CODE_SINCE, FORMER_CODE, GUARDED, Occasion, Record, Sending
from topics.guarded import Guarded
from topics.text.character_sets import character_set
from topics.text.encoding import gaiji_count
from topics.text.kana import seion

_SHOWN = character_set("jis-x-0213")


def identity_items(
    record: Record, state: str, numbers: Mapping[str, Guarded], occasion: Occasion, sending: Sending
) -> dict[str, Any]:
    """All items of file 2 that can be told, numbers still guarded; `numbers` maps references to them.

    A record may have none (any more): its entry may be annulled.
    """
    address, origin = record["address"], record.get("moved_in_from")
    gaiji = [gaiji_count(text, _SHOWN) for text in (record["name"]["text"], address["text"])]
    before = _origin(origin) if origin else {}
    items = {
        **{field: numbers[record[field]] for field in GUARDED if record.get(field) is not None},
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
        "resident_since": record["resident_since"],
        "address_since": record["address_since"],
        "filed_on": record.get("address_since_filed_on"),
        "relationship": record.get("relationship"),
        "reason": occasion.reason,
        "changed_on": occasion.dates.changed_on if occasion.dates else None,
        "operator": occasion.operator,
        "update_sequence": sending.update_sequence,
        "abnormal_update_sequence": sending.abnormal_update_sequence,
        "planned": state == "active" and "planned_move_out" in record,
        "gaiji": any((*gaiji, before.get("previous_address_gaiji"))),
        "record_status": state,
        "timestamp": occasion.registered_at,
    }
    return items | before | _former_code(record, numbers)


def _former_code(record: Record, numbers: Mapping[str, Guarded]) -> dict[str, Any]:
    """Items 24 and 25, of who has another code than before."""
    if record.get("resident_code") is None or record.get(FORMER_CODE) is None:
        return {}
    former = numbers[record[FORMER_CODE]]
    if former == numbers[record["resident_code"]]:
        return {}
    return {"former_resident_code": former, "resident_code_since": record[CODE_SINCE]}


def _origin(address: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "previous_municipality": address.get("municipality"),
        "previous_address": address["text"],
        "previous_address_gaiji": gaiji_count(address["text"], _SHOWN),
    }
