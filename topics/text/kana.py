"""Readings: 清音化かな, the reading without voicing, which Juki-net sends beside the reading itself."""

import jaconv

_VOICED = "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴヷヸヹヺヾ"
_PLAIN = "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホウワヰヱヲヽ"
_SMALL, _LARGE = "ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ"
_MARKS = "\u3099\u309a゛゜"
_SEION = str.maketrans(_VOICED + _SMALL, _PLAIN + _LARGE, _MARKS)


def seion(kana: str) -> str:
    """清音化かな of a reading: katakana, no voicing marks (濁点・半濁点), no small letters.

    The public sources leave these open, so they are fixed here: ー stays; ヵヶ become カケ; ゐゑ become ヰヱ, not イエ;
    ヴ becomes ウ and ヷヸヹヺ become ワヰヱヲ; ゝゞ become ヽ. Spaces and whatever is no kana stay as they are.
    """
    katakana: str = jaconv.hira2kata(kana)
    return katakana.translate(_SEION)
