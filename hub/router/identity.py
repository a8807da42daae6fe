"""File 1 to file 2: a resident's record as identity confirmation information (本人確認情報)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jaconv

from hub.router.state import Occasion, Record
from topics.guarded import Guarded

KNOWN_CHARACTERS = 4096
_SMALL_TO_LARGE = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_VOICED_TO_PLAIN = str.maketrans(
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ", "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホウ"
)
_FIRST_SELECTOR, _LAST_SELECTOR = "\U000e0100", "\U000e01ef"


def identity_items(
    record: Record, state: str, numbers: Mapping[str, Guarded], occasion: Occasion, sequence: int
) -> dict[str, Any]:
    """All items of file 2 that can be told, numbers still guarded; `numbers` maps references to them."""
    address, origin = record["address"], record.get("moved_in_from")
    gaiji = [gaiji_count(text) for text in (record["name"]["text"], address["text"])]
    items = {
        "resident_code": numbers[record["resident_code"]],
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
        "my_number": numbers[record["my_number"]],
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


def gaiji_count(text: str) -> int:
    """Characters outside JIS X 0213; one with a variation selector counts once, as the set cannot tell it apart."""
    count = 0
    for index, character in enumerate(text):
        if _is_selector(character):
            continue
        follower = text[index + 1 : index + 2]
        count += not _is_plain(character) or (bool(follower) and _is_selector(follower))
    return count


def seion(kana: str) -> str:
    """清音化かな: katakana without voicing marks and small letters."""
    katakana: str = jaconv.hira2kata(kana)
    return katakana.translate(_VOICED_TO_PLAIN).translate(_SMALL_TO_LARGE)


def _origin(address: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "previous_municipality": address.get("municipality"),
        "previous_address": address["text"],
        "previous_address_gaiji": gaiji_count(address["text"]),
    }


def _is_selector(character: str) -> bool:
    return _FIRST_SELECTOR <= character <= _LAST_SELECTOR


@lru_cache(maxsize=KNOWN_CHARACTERS)
def _is_plain(character: str) -> bool:
    try:
        character.encode("euc_jis_2004")
    except UnicodeEncodeError:
        return False
    return True
