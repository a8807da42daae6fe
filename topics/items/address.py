"""Items that tell where a person lives, lived or goes, or since when: what a protection (支援措置) is about."""

from functools import cache

from topics.items.derived import telling

_OF_RESIDENT = frozenset({14, 15, 16, 17, 18, 19, 22, 33, 34, 36})
"""Addresses, the days of taking one, a planned move, and texts that may name these (備考, 除票, 異動履歴)."""


@cache
def address_items(file: str) -> frozenset[int]:
    """The numbers of the items of `file` that tell an address."""
    return frozenset().union(*(telling(file, number) for number in _OF_RESIDENT))
