"""Seals on what is set aside: a held or parked record may hold anything, so it is never stored in plain sight."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumers.kit.record import Record
from infra.runtime.column_cipher import ColumnCipher

PARTS = ("key", "value", "headers")


@dataclass(frozen=True, slots=True)
class Seals:
    """The recipient's ciphers for a record's key, value and headers, each bound to the record's coordinates: a record
    may move from one table to another."""

    ciphers: Mapping[str, ColumnCipher]

    def seal(self, topic: str, partition: int, record: Record) -> tuple[bytes | None, bytes | None, bytes]:
        """Key, value and headers; what a record lacks stays missing."""
        row = _row(topic, partition, record.offset)
        headers = self.ciphers["headers"].seal(row, record.headers_text())
        return self._sealed("key", row, record.key), self._sealed("value", row, record.value), headers

    def open(self, columns: Mapping[str, Any]) -> Record:
        """The record in a row's columns topic, partition, offset and sealed_…"""
        row = _row(columns["topic"], columns["partition"], columns["offset"])
        key, value, headers = (self._opened(part, row, columns[f"sealed_{part}"]) for part in PARTS)
        return Record(columns["offset"], key, value, Record.headers_of(headers or b"[]"))

    def _sealed(self, part: str, row: str, content: bytes | None) -> bytes | None:
        return None if content is None else self.ciphers[part].seal(row, content)

    def _opened(self, part: str, row: str, sealed: bytes | None) -> bytes | None:
        return None if sealed is None else self.ciphers[part].open(row, sealed)


def seals(key: bytes) -> Seals:
    """The ciphers under the recipient's key."""
    return Seals({part: ColumnCipher(key, table="parked", column=f"sealed_{part}") for part in PARTS})


def _row(topic: str, partition: int, offset: int) -> str:
    return f"{topic}/{partition}/{offset}"
