"""Addressee and household numbers (宛名番号・世帯番号): a serial of nine digits and its check digit."""

from collections.abc import Iterable

from topics.check_digits import serial_digit

SPARE = 1.2
"""How many serials to draw for each number: one in eleven has no check digit and is skipped."""


def numbered(serials: Iterable[int]) -> list[str]:
    """The numbers that these serials give."""
    bodies = (f"{serial:09d}" for serial in serials)
    return [body + digit for body in bodies if (digit := serial_digit(body)) is not None]
