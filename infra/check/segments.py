"""What lies in a topic's segment files on the brokers' disks, decompressed; read as files, not as a client."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiokafka.record.memory_records import MemoryRecords


@dataclass(frozen=True, slots=True)
class Stored:
    """One record as it lies on a broker's disk; `key` and `value` are empty where there is none."""

    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def segments(state_directory: Path, topic: str) -> list[Path]:
    """The topic's segment files on every broker of the cluster under `state_directory`, in order."""
    return sorted((state_directory / "kafka").glob(f"node-*/{topic}-[0-9]*/*.log"))


def stored_records(segment: bytes) -> Iterator[Stored]:
    """Every record of a segment, in order, also what transactions have aborted and doubles."""
    batches = MemoryRecords(segment)
    while batches.has_next():
        for record in batches.next_batch():
            headers = tuple((name, value or b"") for name, value in record.headers)
            yield Stored(record.offset, record.key or b"", record.value or b"", headers)
