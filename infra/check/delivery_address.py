"""The delivery address (送付先情報, file 3) of a register record, derived a second time from the catalogues alone."""

import re
import unicodedata
from collections.abc import Callable, Container, Mapping
from typing import Any

from topics.text.character_sets import character_set

_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_NOTHING_TO_SHOW = "〓"
_TABLE = character_set("jis-x-0213").substitutes
Shown = Callable[[str], bool]
Split = Callable[[str], list[str]]


def delivery_address(
    record: Mapping[str, Any],
    numbers: Mapping[str, str],
    withheld: Container[str],
    split: Split,
    shown: Shown,
) -> dict[str, Any]:
    """The items of file 3 that describe the person; `split` takes a text apart, `shown` says what the set can show."""
    name, address = record["name"], record["address"]
    plain = {
        "resident_code": numbers.get(record.get("resident_code") or ""),
        "my_number": numbers.get(record.get("my_number") or ""),
        "destination_postal_code": address.get("postal_code"),
        "postal_code": address.get("postal_code"),
        "birth_date": record["birth_date"],
        "sex": record["sex"],
        "article_30_45_class": record.get("article_30_45_class"),
        "name_kana": name["kana"],
        "name_kana_length": len(split(name["kana"])),
    }
    texts = {"destination_address": address["text"], "destination_name": name["text"], "name": name["text"],
             "address": address["text"]}  # fmt: skip
    told = {field: text for field, text in texts.items() if field not in withheld}
    lacking = {field: _lacking(split(text), shown) for field, text in told.items()}
    for field, text in told.items():
        plain |= {field: text, f"{field}_length": len(split(text)), f"{field}_gaiji": len(lacking[field])}
    for field in ("name", "address"):
        if lacking.get(field):
            plain |= _substitutes(field, told[field], lacking[field], split, shown)
    replaced = any(lacking.get(field) for field in ("name", "address"))
    return plain | {"gaiji": any(lacking.values()), "substitution_result": "1" if replaced else "0"}


def _lacking(characters: list[str], shown: Shown) -> list[int]:
    """Which characters the set cannot show, counted from 1."""
    return [place for place, character in enumerate(characters, start=1) if not shown(character)]


def _substitutes(field: str, told: str, lacking: list[int], split: Split, shown: Shown) -> dict[str, Any]:
    written = [_written(each, split, shown) if n in lacking else each for n, each in enumerate(split(told), start=1)]
    text = f"substitute_{field}"
    return {f"{text}_length": len(written), text: "".join(written), f"{text}_positions": lacking}


def _written(character: str, split: Split, shown: Shown) -> str:
    base = unicodedata.normalize("NFC", _SELECTORS.sub("", character))
    of_table = _TABLE.get(character) or _TABLE.get(base)
    if of_table is not None:
        return of_table
    return base if base != character and len(split(base)) == 1 and shown(base) else _NOTHING_TO_SHOW
