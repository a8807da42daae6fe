"""The projection of a register record under a grant, derived a second time from the catalogues alone."""

import re
import unicodedata
from collections.abc import Container, Mapping
from typing import Any

from infra.check.delivery_address import delivery_address
from topics.grant import Grant
from topics.scope import CATALOGUES, TRANSMISSION_ITEMS

Record = Mapping[str, Any]
Numbers = Mapping[str, str]


class AsReferences(dict[str, str]):
    """Every reference stands for its number: for what asks whether there is one, not which."""

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The reference itself, or None where there is none."""
        return key or default


_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_VOICING = "\u3099\u309a\u309b\u309c"
_WITH_MARKS = re.compile("[\\s\\S][\ufe00-\ufe0f\u3099\u309a\U000e0100-\U000e01ef]*")


def project(grant: Grant, record: Record, numbers: Numbers, withheld: Container[str] = frozenset()) -> dict[str, Any]:
    """The items of `record` that `grant` permits and that describe the person (control items are left out), but for
    the fields `withheld`."""
    full = _full(grant, record, numbers, withheld)
    shown = (field for field in person_fields(grant) if field not in withheld)
    return {field: full[field] for field in shown if full.get(field) is not None}


def person_fields(grant: Grant) -> tuple[str, ...]:
    """The permitted fields that describe the person, not the transmission."""
    sending, known = TRANSMISSION_ITEMS[grant.catalogue], CATALOGUES[grant.catalogue].by_number
    return tuple(known[number].field for number in grant.items if number not in sending)


def _full(grant: Grant, record: Record, numbers: Numbers, withheld: Container[str]) -> Mapping[str, Any]:
    match grant.catalogue:
        case "identity":
            return _identity(record, numbers)
        case "delivery-address":
            return delivery_address(record, numbers, withheld, _WITH_MARKS.findall, _is_shown)
    return {**record, **_joined(record, numbers)}


def triggers(grant: Grant, projected: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a projection whose change causes a delivery."""
    wanted = set(grant.trigger_fields())
    return {field: value for field, value in projected.items() if field in wanted}


def _joined(record: Record, numbers: Numbers) -> dict[str, Any]:
    """What stands for the record's references where a grant permits the numbers."""
    return {field: numbers.get(record[field]) for field in ("resident_code", "my_number") if record.get(field)}


def _identity(record: Record, numbers: Numbers) -> dict[str, Any]:
    address, origin = record["address"], record.get("moved_in_from") or {}
    return {
        "resident_code": numbers.get(record.get("resident_code") or ""),
        "my_number": numbers.get(record.get("my_number") or ""),
        "name": record["name"]["text"],
        "name_gaiji": gaiji(record["name"]["text"]),
        "name_kana": record["name"]["kana"],
        "name_seion": unvoiced(record["name"]["kana"]),
        "birth_date": record["birth_date"],
        "sex": record["sex"],
        "municipality": address.get("municipality"),
        "town_code": address.get("town_code"),
        "postal_code": address.get("postal_code"),
        "address": address["text"],
        "address_gaiji": gaiji(address["text"]),
        "resident_since": record["resident_since"],
        "address_since": record["address_since"],
        "filed_on": record.get("address_since_filed_on"),
        "previous_municipality": origin.get("municipality"),
        "previous_address": origin.get("text"),
        "previous_address_gaiji": gaiji(origin["text"]) if origin else None,
        "relationship": record.get("relationship"),
        **_former_code(record, numbers),
    }


def _former_code(record: Record, numbers: Numbers) -> dict[str, Any]:
    """What links a code to the one before it, where both are known and differ."""
    code, former = (numbers.get(record.get(name) or "") for name in ("resident_code", "former_resident_code"))
    if code is None or former in (None, code):
        return {}
    return {"former_resident_code": former, "resident_code_since": record["resident_code_since"]}


def gaiji(text: str) -> int:
    """Characters that JIS X 0213 cannot show, each read together with the marks that follow it."""
    return sum(not _is_shown(character) for character in _WITH_MARKS.findall(text))


def _is_shown(character: str) -> bool:
    try:
        character.encode("euc_jis_2004")
    except UnicodeEncodeError:
        return False
    return True


def unvoiced(kana: str) -> str:
    """清音化かな: the reading in katakana without voicing marks and small letters."""
    return "".join(map(_bare, kana)).translate(_SMALL)


def _bare(character: str) -> str:
    """The letter under its voicing mark, as Unicode takes it apart; nothing for a mark alone."""
    if character in _VOICING:
        return ""
    katakana = chr(ord(character) + 0x60) if "ぁ" <= character <= "ゖ" or character in "ゝゞ" else character
    return unicodedata.normalize("NFD", katakana)[0] if "ァ" <= katakana <= "ヾ" else katakana
