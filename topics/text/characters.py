"""Characters as a reader counts them: a base with its variation selectors or voicing marks is one."""

import re

_CHARACTER = re.compile("(?s:.)[\ufe00-\ufe0f\u3099\u309a\U000e0100-\U000e01ef]*")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def characters(text: str) -> list[str]:
    """The characters of `text`, each with what belongs to it; joined they are `text`."""
    return _CHARACTER.findall(text)


def length(text: str) -> int:
    """How many characters `text` has: what 項目長 counts."""
    return len(text) if text.isascii() else len(characters(text))


def without_selectors(text: str) -> str:
    """`text` without its variation selectors: the characters, whichever variant was written."""
    return _SELECTORS.sub("", text)
