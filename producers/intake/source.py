"""A file to take in: who it is by its keyed digest, whether it is of the layout, and its batches."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from infra.runtime.refusals import Refusal
from producers.intake.batches import Batch, Batches
from producers.intake.layout import Layout
from producers.intake.lines import BOM, Place, lines
from producers.intake.reading import Reader
from producers.intake.standing import Kind

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file to take in: where it is, whether everybody is in it (全件) or what changed (異動差分), its layout."""

    path: Path
    kind: Kind
    layout: Layout


def batches(source: Source, stream: BinaryIO, start: Place, municipality: str) -> Iterator[Batch]:
    """The batches from `start` to the end; from the beginning the line of names is passed over."""
    if not start.offset:
        start = Place(1, len(stream.readline()))
    found = lines(stream, start, source.layout.longest_line)
    return Batches(Reader(source.layout), municipality, start).of(found)


def check_header(source: Source) -> None:
    """Raise `Refusal` unless the first line names the columns of the layout: another layout is refused as a whole."""
    with source.path.open("rb") as stream:
        first = stream.readline(source.layout.longest_line)
    header = ",".join(source.layout.header).encode()
    if first.removeprefix(BOM).rstrip(b"\r\n").replace(b'"', b"") != header:
        raise Refusal(
            "INTAKE-HEADER", f"the first line does not name the columns of layout {source.layout.name}; see the layout"
        )


def digest(path: Path, key: bytes) -> bytes:
    """The file's keyed digest: without the key nobody can try numbers on it."""
    told = hmac.new(key, digestmod=sha256)
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            told.update(chunk)
    return told.digest()
