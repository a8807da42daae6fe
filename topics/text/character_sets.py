"""Character sets of recipients (JIS X 0213, 住基ネット統一文字, MJ): what each can show, as a declared table says.

A table is a file: the characters of a codec, ranges and single characters that the set shows beside them, and one
character to write in place of another. What ships is a sample, since the full tables are not public or not ours to
give; a deployment puts its own in their place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

import yaml
from pydantic import StringConstraints

from topics.model import WireModel
from topics.text.characters import characters

CodePoints = Annotated[str, StringConstraints(pattern=r"^U\+[0-9A-F]{4,6}(?: U\+[0-9A-F]{4,6})*$")]

SHIPPED = ("jis-x-0213", "juki-net", "mj")


class CharacterSetError(ValueError):
    """A table contradicts itself; the sentence names the row."""


class Range(WireModel):
    """Code points from `first` to `last`."""

    first: CodePoints
    last: CodePoints


class Substitute(WireModel):
    """One row: this character is written as that one."""

    character: CodePoints
    written_as: CodePoints


class Table(WireModel):
    """A table as it stands in its file; `sample` when it is not the whole set."""

    name: str
    title: str
    version: str
    sample: bool
    codec: str
    ranges: tuple[Range, ...] = ()
    selectors: bool = False
    also: tuple[CodePoints, ...] = ()
    substitutes: tuple[Substitute, ...] = ()


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """A character set ready for use: `also` and `substitutes` by character, `ranges` of code points."""

    name: str
    title: str
    version: str
    sample: bool
    codec: str
    ranges: tuple[range, ...]
    selectors: bool
    also: frozenset[str]
    substitutes: Mapping[str, str]

    def shows_all(self, text: str) -> bool:
        """Whether the codec alone shows all of `text`: the quick answer for most names."""
        try:
            text.encode(self.codec)
        except UnicodeEncodeError:
            return False
        return True

    def shows(self, character: str) -> bool:
        """Whether the set can show this character, with its selectors."""
        if character in self.also or self.shows_all(character):
            return True
        base, marks = ord(character[0]), character[1:]
        return any(base in span for span in self.ranges) and (not marks or self.selectors)


@cache
def character_set(name: str) -> CharacterSet:
    """The set called `name` as shipped; FileNotFoundError when there is none."""
    text = files("topics.text.tables").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return read_character_set(yaml.safe_load(text))


def read_character_set(table: Any) -> CharacterSet:
    """The set in a table's plain data; raises `CharacterSetError` where a substitute cannot itself be shown."""
    told = Table.model_validate(table)
    found = CharacterSet(
        **told.model_dump(include={"name", "title", "version", "sample", "codec", "selectors"}),
        ranges=tuple(range(ord(_text(span.first)), ord(_text(span.last)) + 1) for span in told.ranges),
        also=frozenset(map(_text, told.also)),
        substitutes={_text(row.character): _text(row.written_as) for row in told.substitutes},
    )
    for row in told.substitutes:
        _check(found, row)
    return found


def _check(found: CharacterSet, row: Substitute) -> None:
    character, written_as = _text(row.character), _text(row.written_as)
    if len(characters(character)) != 1 or len(characters(written_as)) != 1:
        raise CharacterSetError(f"{found.name}: {row.character}: one character is written as one")
    if found.shows(character) or not found.shows(written_as):
        raise CharacterSetError(f"{found.name}: {row.character}: what the set lacks is written as what it shows")


def _text(code_points: CodePoints) -> str:
    return "".join(chr(int(point[2:], 16)) for point in code_points.split())
