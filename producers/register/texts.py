"""Which characters a register's text may hold: every one that can be read, exactly as received.

Variants with selectors (IVS), private-use gaiji and look-alikes are kept as they are, since a name is what its bearer
writes. Refused are characters that nobody sees and that make a text read otherwise than it stands: control characters,
changes of direction, zero width, line separators, lone surrogates, and the mark of a character already lost.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffd")
SENTENCE = "no control, direction or invisible characters; write it as it is read"


def first_unfit(value: Any) -> str | None:
    """The path of the first text in `value` (nested dicts and sequences) that may not stand in the register."""
    return next((".".join(path) for path, text in _texts(value, ()) if not is_fit(text)), None)


def is_fit(text: str) -> bool:
    """Whether all of `text` can be read."""
    return (text.isascii() and text.isprintable()) or not any(map(_is_unfit, text))


def _is_unfit(character: str) -> bool:
    return unicodedata.category(character) in UNSEEN or character in FILLERS


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _texts(each, (*path, str(index)))
