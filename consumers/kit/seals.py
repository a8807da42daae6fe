"""Seals on what waits: a held or parked record may hold numbers, so its value is never stored in plain sight."""

from dataclasses import dataclass

from infra.runtime.column_cipher import ColumnCipher


@dataclass(frozen=True, slots=True)
class Seals:
    """The recipient's ciphers for held and parked values, each bound to its row."""

    held: ColumnCipher
    parked: ColumnCipher


def seals(key: bytes) -> Seals:
    """The ciphers under the recipient's key."""
    return Seals(
        ColumnCipher(key, table="held", column="sealed_value"), ColumnCipher(key, table="parked", column="sealed_value")
    )


def held_row(municipality: str, subject: str, sequence: int) -> str:
    """The name of a held delivery's row."""
    return f"{municipality}/{subject}/{sequence}"


def parked_row(topic: str, partition: int, offset: int) -> str:
    """The name of a parked record's row."""
    return f"{topic}/{partition}/{offset}"
