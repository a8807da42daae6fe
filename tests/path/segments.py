"""What lies in a topic's segment files on the broker's disk, decompressed."""

from collections.abc import Iterator
from pathlib import Path

from infra.check.segments import Stored, segments, stored_records


def readable_bytes(state: Path, topic: str) -> bytes:
    """Keys, values and headers of every record in every segment of the topic, on every broker of the cluster."""
    files = segments(state, topic)
    assert files, f"no segments of {topic}"
    return b"\n".join(part for file in files for record in stored_records(file.read_bytes()) for part in _parts(record))


def _parts(record: Stored) -> Iterator[bytes]:
    yield record.key
    yield record.value
    yield from (value for _, value in record.headers)
