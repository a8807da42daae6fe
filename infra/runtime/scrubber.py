"""The last line before a log: what looks like a number goes, what would break a line is shown as escapes.

A net, not the wall: values are kept out by `topics.guarded` and by the allow-list of log keys. One in ten runs of
twelve digits that are no My Number is taken for one.
"""

import re
import unicodedata
from typing import TextIO

RUN = re.compile(r"(?<![0-9０-９])[0-9０-９](?:[\s\-－‐―・]?[0-9０-９]){10,11}(?![0-9０-９])")
WEIGHTS = {12: (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11: (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)}
MARK = "[NUMBER?]"
KEPT = "\n\t"


class Scrubbed:
    """A text stream that writes through the scrubber; `found` counts what was taken out, and should stay 0."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.found = 0

    def write(self, text: str) -> int:
        """Write `text` without numbers and control characters; returns how much was given."""
        clean, found = scrub(text)
        self.found += found
        self._stream.write(clean)
        return len(text)

    def flush(self) -> None:
        """Flush the stream underneath."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Never coloured: logs are read by programs."""
        return False

    def fileno(self) -> int:
        """The file underneath, for what writes without us (a crash's list of frames has no values)."""
        return self._stream.fileno()


def scrub(text: str) -> tuple[str, int]:
    """`text` as it may be logged, and how many numbers were in it."""
    clean = RUN.sub(_replaced, text)
    return "".join(map(_shown, clean)), clean.count(MARK) - text.count(MARK)


def _replaced(run: re.Match[str]) -> str:
    digits = [unicodedata.digit(character) for character in run[0] if character.isdigit()]
    return MARK if _is_number(digits) else run[0]


def _is_number(digits: list[int]) -> bool:
    """Whether the last digit is the check digit of a My Number or a resident code."""
    remainder = sum(digit * weight for digit, weight in zip(digits, WEIGHTS[len(digits)], strict=False)) % 11
    return digits[-1] == (0 if remainder <= 1 else 11 - remainder)


def _shown(character: str) -> str:
    if character in KEPT or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return character
    return f"\\u{ord(character):04x}"
