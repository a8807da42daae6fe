"""Characters: whatever can be read is kept as received, what cannot be seen is refused by field."""

import json
import unicodedata

import pytest

from producers.register.filings import parse_filing
from producers.register.findings import FilingRefusedError, Rule
from producers.register.search_keys import keys_of
from tests.unit.register.counter import AWAY, DAY, HOME, Counter, person
from topics.text.visible import is_fit

READABLE = [
    "合成　太郎",
    "葛\U000e0100城",
    "辻\ufe00",
    "\ue000",
    "\U00020bb7",
    "か\u3099",
    "𛀂",
    "O’Brien-Ñandú",
    "a\u00a0b",
    "",
]
UNSEEN = [
    "\n", "\r", "\t", "\x00", "\x1b[2J", "\x7f", "\x85", "\u200b", "\u200e", "\u202e", "\u2066", "\u2028",
    "\ufeff", "\u00ad", "\u3164", "\ufffd", "\U000e0041",
]  # fmt: skip


@pytest.mark.parametrize("text", READABLE)
def test_what_can_be_read_is_fit(text: str) -> None:
    assert is_fit(text)


@pytest.mark.parametrize("character", UNSEEN, ids=lambda c: f"U+{ord(c[0]):04X}")
@pytest.mark.parametrize("field", ["name", "address", "registered_domicile"])
def test_what_cannot_be_seen_is_refused_by_field_and_not_quoted(field: str, character: str) -> None:
    text = f"合成{character}密子"
    told = _move_in(field, text)
    with pytest.raises(FilingRefusedError) as refusal:
        parse_filing(json.dumps(told))
    assert refusal.value.rule is Rule.TEXT
    assert field in refusal.value.field
    assert "密子" not in str(refusal.value)


@pytest.mark.parametrize("text", READABLE[:-1])
def test_what_is_received_is_kept(text: str) -> None:
    filing = parse_filing(json.dumps(_move_in("name", text)))
    assert filing.model_dump()["persons"][0]["name"]["text"] == text


def test_a_lone_surrogate_is_refused() -> None:
    told = json.dumps(_move_in("name", "NAME")).replace("NAME", r"\ud842")
    with pytest.raises(FilingRefusedError):
        parse_filing(told)
    assert unicodedata.category("\ud842") == "Cs" and not is_fit("\ud842")


@pytest.mark.parametrize("key", ["123456789018", "合成　密子"])
def test_an_unknown_fields_name_is_not_repeated(key: str) -> None:
    with pytest.raises(FilingRefusedError) as refusal:
        parse_filing(json.dumps(_move_in("name", "合成") | {key: 1}))
    assert key not in str(refusal.value)


def _move_in(field: str, text: str) -> dict[str, object]:
    told = person() | ({"name": {"text": text, "kana": "ごうせい"}} if field == "name" else {})
    if field == "registered_domicile":
        told["registered_domicile"] = text
    return {
        "kind": "move-in-domestic",
        "filing_id": "7b2c6a1e-4a55-4c8a-9c1e-0123456789ab",
        "operator": "synthetic-1",
        "filed_on": "2026-04-01",
        "changed_on": "2026-04-01",
        "origin": AWAY,
        "address": HOME | ({"text": text} if field == "address" else {}),
        "persons": [told],
    }


def test_a_former_name_is_no_hindrance_to_the_search() -> None:
    counter = Counter()
    (who,) = counter.family("世帯主")
    before = keys_of(counter.book.residents[who].record)
    counter.file("former-name", claimed_on=DAY, resident=who, former={"text": "鈴木", "kana": "すずき"})
    assert keys_of(counter.book.residents[who].record) == before
