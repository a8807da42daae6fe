"""Faults as they come in files of register systems, to be planted: each with what the intake must say of it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from producers.intake.layout import Layout
from producers.synthetic.register_rows import Row, layout_line

Spoil = Callable[[Layout, Row], bytes]
Fault = tuple[str, str, str]


def _with(**cells: str) -> Spoil:
    return lambda layout, row: layout_line(layout, row | cells)


def _wrong_digit(name: str) -> Spoil:
    return lambda layout, row: layout_line(layout, row | {name: row[name][:-1] + str((int(row[name][-1]) + 1) % 10)})


def _bytes(spoil: Callable[[bytes], bytes]) -> Spoil:
    return lambda layout, row: spoil(layout_line(layout, row).rstrip(b"\r\n")) + b"\r\n"


def _in_name(content: bytes) -> Spoil:
    return lambda layout, row: layout_line(layout, row | {"family_name": "@@"}).replace(b"@@", content)


def _older_that_claims(layout: Layout, row: Row) -> bytes:
    return layout_line(layout, row | {"history_number": "0"})


def _too_long(layout: Layout, row: Row) -> bytes:
    return layout_line(layout, row | {"remarks": "あ" * layout.longest_line})


def _again(layout: Layout, row: Row) -> bytes:
    return layout_line(layout, row)


FAULTS: Mapping[Fault, Spoil] = MappingProxyType(
    {
        ("Shift_JIS", "INTAKE-ENCODING", "line"): _bytes(lambda line: line.decode().encode("cp932", "replace")),
        ("lone surrogate", "INTAKE-ENCODING", "line"): _in_name(b"\xed\xa0\x80"),
        ("UTF-16", "INTAKE-NUL", "line"): _bytes(lambda line: line.decode().encode("utf-16-be").replace(b"\n", b"")),
        ("NUL", "INTAKE-NUL", "line"): _in_name(b"a\0b"),
        ("open quotes", "INTAKE-QUOTES", "line"): _in_name(b'"a'),
        ("a column less", "INTAKE-COLUMNS", "line"): _bytes(lambda line: line[: line.rindex(b",")]),
        ("endless line", "INTAKE-LINE-TOO-LONG", "line"): _too_long,
        ("long name", "INTAKE-TOO-LONG", "family_name"): _with(family_name="長" * 61),
        ("no household", "INTAKE-MISSING", "household_number"): _with(household_number=""),
        ("no flag", "INTAKE-FORM", "latest"): _with(latest="x"),
        ("another city", "INTAKE-MUNICIPALITY", "municipality"): _with(municipality="142166"),
        ("no city", "ITEM-CHECK-DIGIT", "municipality"): _wrong_digit("municipality"),
        ("My Number", "ITEM-CHECK-DIGIT", "my_number"): _wrong_digit("my_number"),
        ("resident code", "ITEM-CHECK-DIGIT", "resident_code"): _wrong_digit("resident_code"),
        ("addressee number", "ITEM-CHECK-DIGIT", "addressee_number"): _wrong_digit("addressee_number"),
        ("30 February", "ITEM-IMPOSSIBLE-DATE", "address_since"): _with(
            **{"address_since": "2025-02-30", "address_since.unknown": "0", "address_since.notation": ""}
        ),
        ("filed on 31 April", "ITEM-IMPOSSIBLE-DATE", "filed_on"): _with(filed_on="2025-04-31"),
        ("words that are no date", "INTAKE-DATE", "resident_since"): _with(
            **{"resident_since": "", "resident_since.unknown": "1", "resident_since.notation": "いつか"}
        ),
        ("unknown sex", "ITEM-CODE", "sex"): _with(sex="7"),
        ("grandchild", "ITEM-RELATIONSHIP", "relationship"): _with(relationship="孫"),
        ("direction", "ITEM-UNSEEN", "name.text"): _with(
            resident_class="1", family_name="右\u202e左", given_name="花", family_kana="みぎ", given_kana="はな"
        ),
        ("removal without reason", "INTAKE-REMOVAL", "removal_reason"): _with(
            removed_on="2025-05-01", removal_filed_on="2025-05-02", removal_reason="31"
        ),
        ("the same key", "INTAKE-DUPLICATE", "history_number"): _again,
        ("two latest", "INTAKE-LATEST", "latest"): _older_that_claims,
    }
)
"""What can be planted: its name, the code and the field that the intake must tell, and how a row is spoiled."""

REPEATING = frozenset({"INTAKE-DUPLICATE", "INTAKE-LATEST"})
"""Faults of a row that stands beside a good one of the same person."""
