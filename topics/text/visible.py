"""Which characters a text may hold: every one that can be read.

Variants with selectors (IVS), private-use gaiji and look-alikes may stand, since a name is what its bearer writes. What
nobody sees and what makes a text read otherwise than it stands may not: control characters, changes of direction, zero
width, line separators, lone surrogates, and the mark of a character already lost.
"""

import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffd")


def is_fit(text: str) -> bool:
    """Whether all of `text` can be read."""
    return (text.isascii() and text.isprintable()) or not any(map(_is_unfit, text))


def _is_unfit(character: str) -> bool:
    return unicodedata.category(character) in UNSEEN or character in FILLERS
