"""Envelopes one after another in a file, each after its length: what is handed over by medium and not by a topic."""

from collections.abc import Iterable, Iterator
from typing import IO

LENGTH_BYTES = 4


def write_envelopes(file: IO[bytes], values: Iterable[bytes]) -> None:
    """Append `values` in order."""
    for value in values:
        file.write(len(value).to_bytes(LENGTH_BYTES, "big") + value)


def read_envelopes(file: IO[bytes]) -> Iterator[bytes]:
    """The envelopes in order; raises ValueError when the file ends within one."""
    while length := file.read(LENGTH_BYTES):
        size = int.from_bytes(length, "big")
        value = file.read(size)
        if len(length) < LENGTH_BYTES or len(value) < size:
            raise ValueError("the file ends within an envelope")
        yield value
