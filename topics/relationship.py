"""Relationship to the head (続柄): words joined by の, up to four generations; 住民記録システム標準仕様書 1.1.11.

On the wire it is one code for each word, one to four of them, and the words as written (続柄コード1-4, 続柄表記). The
words and their codes are a dated table, ``topics/codes/relationships.yaml``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import StringConstraints

from topics.model import WireModel

HEAD = "世帯主"
DISTANT = "縁故者"
GENERATIONS = 4


class Word(WireModel):
    """One word: its code, and whether others may be joined to it."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
    word: str
    joins: bool
    valid_from: date


class _Table(WireModel):
    words: tuple[Word, ...]
    forbidden: dict[str, str]


class RelationshipFault(StrEnum):
    """Why a text is no relationship."""

    FORBIDDEN = "forbidden"  # 孫, 甥, 祖父母 …: kin are told by their generations
    GENERATIONS = "generations"  # more than four: 縁故者
    UNKNOWN = "unknown"


class RelationshipError(ValueError):
    """The text is no relationship; the sentence says what to write instead."""

    def __init__(self, fault: RelationshipFault, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Relationship:
    """One to four words, from the head outwards."""

    words: tuple[str, ...]

    @property
    def notation(self) -> str:
        """続柄表記: as it is written."""
        return "の".join(self.words)

    @property
    def codes(self) -> tuple[str, ...]:
        """続柄コード1-4: the words' codes."""
        return tuple(_words()[word].code for word in self.words)


def read_relationship(text: str) -> Relationship:
    """The relationship that `text` writes; raises `RelationshipError`."""
    if text in _words():
        return Relationship((text,))
    if _joined().fullmatch(text) is None:
        raise _error(text)
    found = tuple(_joining().findall(text))
    if len(found) > GENERATIONS:
        raise RelationshipError(RelationshipFault.GENERATIONS, f"more than four generations: write {DISTANT}")
    return Relationship(found)


def is_relationship(text: str) -> bool:
    """Whether `text` is a relationship that the register may hold."""
    try:
        read_relationship(text)
    except RelationshipError:
        return False
    return True


def relationship_through(words: Sequence[str]) -> Relationship:
    """The relationship by way of these words; of more than four generations 縁故者."""
    return Relationship((DISTANT,)) if len(words) > GENERATIONS else read_relationship("の".join(words))


def from_codes(codes: Sequence[str], notation: str) -> Relationship:
    """The relationship on the wire; raises `RelationshipError`, also where codes and words tell different things."""
    told = read_relationship(notation)
    if told.codes != tuple(codes):
        raise RelationshipError(RelationshipFault.UNKNOWN, "the codes are not those of the words")
    return told


def _error(text: str) -> RelationshipError:
    written = _table().forbidden
    for word in [text, *text.split("の")]:
        if word in written:
            return RelationshipError(
                RelationshipFault.FORBIDDEN, f"kin are told generation by generation: write {written[word]}"
            )
    return RelationshipError(RelationshipFault.UNKNOWN, "write words of 続柄 joined by の, or 縁故者, or 同居人")


@cache
def _table() -> _Table:
    text = files("topics.codes").joinpath("relationships.yaml").read_text(encoding="utf-8")
    return _Table.model_validate(yaml.safe_load(text))


@cache
def _words() -> dict[str, Word]:
    return {word.word: word for word in _table().words}


@cache
def _joining() -> re.Pattern[str]:
    """One word that may be joined, the longest first: 子（子の夫） is one word."""
    words = sorted((word.word for word in _table().words if word.joins), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


@cache
def _joined() -> re.Pattern[str]:
    word = _joining().pattern
    return re.compile(f"(?:{word})(?:の(?:{word}))*")
