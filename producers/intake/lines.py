"""A file's lines, one at a time, each of bounded length and with its place: memory does not grow with the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

BOM = b"\xef\xbb\xbf"
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands: its number from 1, where the next one begins, its bytes without the line's end.

    `content` is None for a line longer than any can be; it is passed over.
    """

    number: int
    end: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: how many lines are done, and the byte at which the next one begins."""

    line: int
    offset: int


def lines(stream: BinaryIO, place: Place, longest: int) -> Iterator[Line]:
    """The lines from `place` to the end of the file."""
    stream.seek(place.offset)
    number, end = place.line, place.offset
    while raw := stream.readline(longest + 2):
        number, end = number + 1, end + len(raw)
        if len(raw) == longest + 2 and not raw.endswith(b"\n"):
            end += _passed_over(stream)
            yield Line(number, end, None)
        else:
            content = raw.removesuffix(b"\n").removesuffix(b"\r")
            yield Line(number, end, content.removeprefix(BOM) if number == 1 else content)


def _passed_over(stream: BinaryIO) -> int:
    passed = 0
    while raw := stream.readline(CHUNK):
        passed += len(raw)
        if raw.endswith(b"\n"):
            break
    return passed
