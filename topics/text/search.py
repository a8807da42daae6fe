"""Search keys: derived from names and readings for comparison alone, never shown, kept as a name or sent."""

import unicodedata

from topics.text.character_sets import character_set
from topics.text.characters import without_selectors
from topics.text.kana import seion

_BETWEEN = str.maketrans("", "", " 　・･·")
_ALIKE = str.maketrans("ヰヱヲ", "イエオ", "ー‐-−―〜")


def name_key(name: str) -> str:
    """Equal for names that a searcher takes for one: variants, widths, letter case and spaces do not count.

    The only place where compatibility forms are folded (NFKC). A variant that the table of JIS X 0213 replaces is found
    by its common form: 髙橋 by 高橋.
    """
    folded = unicodedata.normalize("NFKC", without_selectors(name)).casefold().translate(_BETWEEN)
    return "".join(map(_common_form, folded))


def kana_key(kana: str) -> str:
    """Equal for readings that sound alike to a searcher: as 清音化かな, without ー and spaces, ヰヱヲ as イエオ."""
    return seion(unicodedata.normalize("NFKC", kana)).translate(_BETWEEN).translate(_ALIKE)


def _common_form(character: str) -> str:
    return character_set("jis-x-0213").substitutes.get(character, character)
