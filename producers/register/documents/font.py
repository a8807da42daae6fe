"""The font of documents: which characters it shows, variation selectors (IVS) included, as a character set."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from noto_cjk_sans_jp_regular import FONT_PATH

from topics.text.character_sets import CharacterSet

FONT = Path(str(FONT_PATH))
"""Noto Sans CJK JP, SIL Open Font License 1.1: embedding a subset in a document is permitted."""
VARIATION_SEQUENCES = 14


@cache
def font_characters() -> CharacterSet:
    """The characters that the font has a glyph for; a base with selectors only where it has that very variant."""
    with TTFont(FONT, lazy=True) as font:
        shown = frozenset(map(chr, font.getBestCmap())) | frozenset(_variants(font))
    return CharacterSet(
        "font", FONT.stem, "", sample=False, codec="ascii", ranges=(), selectors=False, also=shown, substitutes={}
    )


def _variants(font: TTFont) -> Iterator[str]:
    for table in font["cmap"].tables:
        if table.format == VARIATION_SEQUENCES:
            for selector, pairs in table.uvsDict.items():
                yield from (chr(base) + chr(selector) for base, _ in pairs)
