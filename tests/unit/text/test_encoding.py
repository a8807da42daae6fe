"""Text for a recipient's set: every replacement is counted and placed, nothing is cut."""

from typing import Any

import pytest

from topics.text.character_sets import SHIPPED, CharacterSetError, character_set, read_character_set
from topics.text.characters import characters, length
from topics.text.encoding import MISSING_MARK, Substitution, SubstitutionKind, encode, gaiji_count

K = SubstitutionKind
IVS = "葛\U000e0100"
TABLE: dict[str, Any] = {"name": "x", "title": "x", "version": "1", "sample": True, "codec": "ascii"}


@pytest.mark.parametrize(
    ("name", "text", "told", "substitutions"),
    [
        ("jis-x-0213", "山田　太郎", "山田　太郎", []),
        ("jis-x-0213", "﨑", "﨑", []),
        ("jis-x-0213", "髙橋", "高橋", [(1, K.TABLE)]),
        ("jis-x-0213", f"合{IVS}城", "合葛城", [(2, K.VARIANT)]),
        ("jis-x-0213", "髙\U000e0101橋", "高橋", [(1, K.TABLE)]),
        ("jis-x-0213", "合\ue000\U00020001成", f"合{MISSING_MARK}{MISSING_MARK}成", [(2, K.MISSING), (3, K.MISSING)]),
        ("jis-x-0213", "\U000e0100", MISSING_MARK, [(1, K.MISSING)]),
        ("jis-x-0213", "か\u3099\uf92c", "が郎", [(1, K.VARIANT), (2, K.VARIANT)]),
        ("juki-net", "髙橋𠮷野", "髙橋𠮷野", []),
        ("juki-net", "葛\U000e0102\ue000", "葛吉", [(1, K.TABLE), (2, K.TABLE)]),
        ("mj", f"髙{IVS}𠮷", f"髙{IVS}𠮷", []),
        ("mj", "\ue000\ue001", f"吉{MISSING_MARK}", [(1, K.TABLE), (2, K.MISSING)]),
        ("mj", "か\U000e0100", "か", [(1, K.VARIANT)]),
    ],
)
def test_a_text_as_the_set_can_show_it(
    name: str, text: str, told: str, substitutions: list[tuple[int, SubstitutionKind]]
) -> None:
    encoded = encode(text, character_set(name))
    assert encoded.text == told
    assert encoded.substitutions == tuple(Substitution(*each) for each in substitutions)
    assert (encoded.gaiji, encoded.positions) == (len(substitutions), tuple(position for position, _ in substitutions))


def test_a_text_that_is_too_long_is_told_and_whole() -> None:
    encoded = encode(f"合成{IVS}城", character_set("mj"), limit=3)
    assert (encoded.text, encoded.length, encoded.excess) == (f"合成{IVS}城", 4, 1)
    assert encode("合成", character_set("mj"), limit=2).excess == 0


def test_a_set_without_selectors_shows_a_character_of_its_ranges_without_its_variant() -> None:
    ideographs = read_character_set(TABLE | {"ranges": [{"first": "U+4E00", "last": "U+9FFF"}]})
    assert encode("葛城", ideographs).gaiji == 0
    assert encode(f"{IVS}城", ideographs).substitutions == (Substitution(1, K.VARIANT),)


@pytest.mark.parametrize(
    ("text", "gaiji"), [("山田　太郎", 0), ("髙橋", 1), (f"{IVS}城", 1), (f"{IVS}\U000e0101", 1), ("", 0), ("﨑", 0)]
)
def test_gaiji_are_counted(text: str, gaiji: int) -> None:
    assert gaiji_count(text, character_set("jis-x-0213")) == gaiji


def test_a_character_is_what_a_reader_counts() -> None:
    assert characters(f"{IVS}\ufe00𠮷か\u309a\n") == [f"{IVS}\ufe00", "𠮷", "か\u309a", "\n"]
    assert length(f"{IVS}城") == 2 and len(f"{IVS}城") == 3


@pytest.mark.parametrize("name", SHIPPED)
def test_a_table_that_ships_says_that_it_is_a_sample(name: str) -> None:
    assert character_set(name).sample and "sample" in character_set(name).version
    assert character_set(name).shows(MISSING_MARK)


@pytest.mark.parametrize(
    "row",
    [
        {"character": "U+0041", "written_as": "U+0042"},
        {"character": "U+9AD9", "written_as": "U+9AD8"},
        {"character": "U+9AD9", "written_as": "U+0041 U+0042"},
        {"character": "U+9AD9 U+6A4B", "written_as": "U+0041"},
    ],
    ids=["shown already", "not shown either", "two for one", "one for two"],
)
def test_a_table_that_contradicts_itself_is_refused(row: dict[str, str]) -> None:
    with pytest.raises(CharacterSetError, match=r"U\+"):
        read_character_set(TABLE | {"substitutes": [row]})
