"""Relationship to the head (続柄): words joined by の, up to four generations; 住民記録システム標準仕様書 1.1.11."""

HEAD = "世帯主"
GENERATIONS = 4
_ALONE = frozenset({HEAD, "縁故者", "同居人"})
_WORDS = frozenset(
    {"夫", "妻", "夫（未届）", "妻（未届）", "子", "子（子の夫）", "子（子の妻）", "父", "母", "兄", "姉", "弟", "妹"}
)


def is_relationship(text: str) -> bool:
    """Whether `text` is a relationship that the register may hold."""
    words = text.split("の") if "（子の" not in text else [text]
    return text in _ALONE or (len(words) <= GENERATIONS and all(word in _WORDS for word in words))
