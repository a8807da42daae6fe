"""What lies in a topic's segment files on the broker's disk, decompressed."""

from collections.abc import Iterator
from pathlib import Path

from aiokafka.record.memory_records import MemoryRecords


def readable_bytes(state: Path, topic: str) -> bytes:
    """Keys, values and headers of every record in every segment of the topic, on every broker of the cluster."""
    files = sorted((state / "kafka").glob(f"node-*/{topic}-*/*.log"))
    assert files, f"no segments of {topic}"
    return b"\n".join(part for file in files for part in _parts(file.read_bytes()))


def _parts(segment: bytes) -> Iterator[bytes]:
    batches = MemoryRecords(segment)
    while batches.has_next():
        for record in batches.next_batch():
            yield record.key or b""
            yield record.value or b""
            yield from (value for _, value in record.headers if value is not None)
