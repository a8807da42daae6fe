"""Seals on what waits: a held or parked record may hold anything, so it is never stored in plain sight."""

from dataclasses import dataclass

from infra.runtime.column_cipher import ColumnCipher


@dataclass(frozen=True, slots=True)
class Seals:
    """The recipient's ciphers for held values, and for parked keys, values and headers, each bound to its row."""

    held: ColumnCipher
    parked_keys: ColumnCipher
    parked_values: ColumnCipher
    parked_headers: ColumnCipher


def seals(key: bytes) -> Seals:
    """The ciphers under the recipient's key."""
    parked = (ColumnCipher(key, table="parked", column=f"sealed_{part}") for part in ("key", "value", "headers"))
    return Seals(ColumnCipher(key, table="held", column="sealed_value"), *parked)


def held_row(municipality: str, subject: str, sequence: int) -> str:
    """The name of a held delivery's row."""
    return f"{municipality}/{subject}/{sequence}"


def parked_row(topic: str, partition: int, offset: int) -> str:
    """The name of a parked record's row."""
    return f"{topic}/{partition}/{offset}"
