"""Canaries: values planted to be looked for, in all their forms, wherever bytes lie; what is found is never shown."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from infra.check.encodings import encoded_forms

ANCHOR_BYTES = 6
"""Forms are searched by their beginnings; what begins like one is compared in full."""

Trie = dict[int, "Trie"]


class Kind(StrEnum):
    """What a canary is to its person."""

    MY_NUMBER = "my-number"
    RESIDENT_CODE = "resident-code"
    NAME = "name"
    READING = "reading"
    ADDRESS = "address"
    DOMICILE = "domicile"
    RESIDENCE_CARD = "residence-card"
    ADDRESSEE_NUMBER = "addressee-number"
    HOUSEHOLD_NUMBER = "household-number"
    LINK_CODE = "link-code"


NUMBERS = frozenset({Kind.MY_NUMBER, Kind.RESIDENT_CODE})
EVERYTHING = frozenset(Kind) - {Kind.LINK_CODE}
"""All that a grant may permit: a link code is nowhere but in the linkage role's own table."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A planted value: its kind and which one of that kind it is; the value stays out of every text about it."""

    kind: Kind
    ordinal: int
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Leak:
    """A canary in plain sight: in which artefact, which canary, in what form, at which byte."""

    artefact: str
    kind: Kind
    ordinal: int
    encoding: str
    offset: int


Form = tuple[bytes, Canary, str]


class Scan:
    """Looks for these canaries; made once, used for many artefacts. A form shorter than an anchor is refused."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._by_anchor: Mapping[bytes, Sequence[Form]] = _by_anchor(canaries)
        self._anchors = re.compile(_pattern(_trie(self._by_anchor)), re.DOTALL)

    def leaks(self, artefact: str, octets: bytes, permitted: frozenset[Kind] = frozenset()) -> Iterator[Leak]:
        """Every form of every canary in `octets`, except the kinds that a grant permits there."""
        for canary, encoding, offset in self._found(octets):
            if canary.kind not in permitted:
                yield Leak(artefact, canary.kind, canary.ordinal, encoding, offset)

    def _found(self, octets: bytes) -> Iterator[tuple[Canary, str, int]]:
        position = 0
        while (match := self._anchors.search(octets, position)) is not None:
            position = match.start() + 1
            for form, canary, encoding in self._by_anchor[match[0]]:
                if octets.startswith(form, match.start()):
                    yield canary, encoding, match.start()


def _by_anchor(canaries: Iterable[Canary]) -> dict[bytes, list[Form]]:
    found: dict[bytes, list[Form]] = defaultdict(list)
    for canary in canaries:
        for form, encoding in encoded_forms(canary.value).items():
            if len(form) < ANCHOR_BYTES:
                raise ValueError(f"the {canary.kind.value} canary {canary.ordinal} is too short to be distinctive")
            found[form[:ANCHOR_BYTES]].append((form, canary, encoding))
    if not found:
        raise ValueError("there are no canaries to look for")
    return found


def _trie(anchors: Iterable[bytes]) -> Trie:
    root: Trie = {}
    for anchor in anchors:
        node = root
        for octet in anchor:
            node = node.setdefault(octet, {})
    return root


def _pattern(node: Trie) -> bytes:
    """A regular expression that reads no byte twice: branches part where the anchors do."""
    branches = [re.escape(bytes([octet])) + _pattern(below) for octet, below in sorted(node.items())]
    return branches[0] if len(branches) == 1 else b"(?:" + b"|".join(branches) + b")" if branches else b""
