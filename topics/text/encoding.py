"""Text for a recipient's character set (文字変換): nothing is cut or left out, and every replacement is told."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from topics.text.character_sets import CharacterSet
from topics.text.characters import characters, length, without_selectors

MISSING_MARK = "〓"
"""Stands where the set has nothing to show: one mark, which no name contains, for one character."""


class SubstitutionKind(StrEnum):
    """Why a character was replaced."""

    VARIANT = "variant"  # the same character, not as it was written: without its selector, or composed
    TABLE = "table"  # the table's character in its place
    MISSING = "missing"  # nothing to write in its place


@dataclass(frozen=True, slots=True)
class Substitution:
    """One replacement: which character of the text, counted from 1, and why."""

    position: int
    kind: SubstitutionKind


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text (代替文字) that the set can show, as long as the original in characters.

    `excess` is by how many characters it is longer than the recipient's field; it is whole nevertheless.
    """

    text: str
    substitutions: tuple[Substitution, ...]
    length: int
    excess: int

    @property
    def gaiji(self) -> int:
        """外字数: characters that the set cannot show."""
        return len(self.substitutions)

    @property
    def positions(self) -> tuple[int, ...]:
        """位置情報: which characters they are, counted from 1."""
        return tuple(substitution.position for substitution in self.substitutions)


def encode(text: str, recipient_set: CharacterSet, *, limit: int | None = None) -> Encoded:
    """`text` as the set can show it; `limit` is the length of the recipient's field in characters."""
    told = characters(text)
    if recipient_set.shows_all(text):
        return Encoded(text, (), len(told), _excess(told, limit))
    written = [_shown(character, recipient_set) for character in told]
    substitutions = tuple(
        Substitution(position, kind) for position, (_, kind) in enumerate(written, start=1) if kind is not None
    )
    return Encoded("".join(shown for shown, _ in written), substitutions, len(written), _excess(told, limit))


def _excess(told: list[str], limit: int | None) -> int:
    return 0 if limit is None else max(0, len(told) - limit)


def gaiji_count(text: str, recipient_set: CharacterSet) -> int:
    """外字数: how many characters of `text` the set cannot show."""
    if recipient_set.shows_all(text):
        return 0
    return sum(not recipient_set.shows(character) for character in characters(text))


def _shown(character: str, recipient_set: CharacterSet) -> tuple[str, SubstitutionKind | None]:
    if recipient_set.shows(character):
        return character, None
    base = unicodedata.normalize("NFC", without_selectors(character))
    written_as = recipient_set.substitutes.get(character) or recipient_set.substitutes.get(base)
    if written_as is not None:
        return written_as, SubstitutionKind.TABLE
    if base != character and length(base) == 1 and recipient_set.shows(base):
        return base, SubstitutionKind.VARIANT
    return MISSING_MARK, SubstitutionKind.MISSING
