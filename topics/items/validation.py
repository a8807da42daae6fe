"""The first stage of validation (フォーマットチェック): is every item of a record in its format, and is any left out?

Whether items fit each other and the register is the second stage (論理チェック), and the register's own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from topics.items.catalogue import Blank, Catalogue, Item, Part
from topics.items.checks import Record, check
from topics.items.findings import Finding, FindingCode, Severity
from topics.items.formats import Kind

_FIELD_NAME = re.compile("[a-z][a-z_]{0,40}")
_MEASURES = frozenset({Kind.LENGTH, Kind.GAIJI, Kind.POSITIONS})

Told = tuple[str, FindingCode]


def format_findings(catalogue: Catalogue, record: Record) -> list[Finding]:
    """All findings on a record of the file as plain data, in the order of its items; empty when there are none."""
    foreign = [Finding(FindingCode.UNKNOWN, catalogue.name, None, _harmless(name)) for name in _unknown(
        record, catalogue.by_field)]  # fmt: skip
    return [*item_findings(catalogue, record, catalogue.by_number), *foreign]


def item_findings(catalogue: Catalogue, record: Record, numbers: Iterable[int]) -> Iterator[Finding]:
    """The findings on these items of the record alone."""
    for number in numbers:
        item = catalogue.by_number[number]
        yield from (Finding(code, catalogue.name, number, field) for field, code in _of_item(item, record))


def acceptable(findings: list[Finding]) -> bool:
    """Whether a record with these findings can be taken."""
    return all(finding.severity is Severity.WARNING for finding in findings)


def _of_item(item: Item, record: Record) -> Iterator[Told]:
    value = record.get(item.field)
    if value is not None:
        yield from _of_value(item.field, value, item.value, record)
    elif item.blank is Blank.NEVER or _is_measured(item.value, record):
        yield item.field, FindingCode.MISSING
    elif _is_expected(item.blank, record):
        yield item.field, FindingCode.EXPECTED


def _of_value(field: str, value: Any, part: Part, record: Record) -> Iterator[Told]:
    yield from ((field, code) for code in check(value, part, record))
    if not isinstance(value, Mapping) or not part.parts:
        return
    for name, inner in part.parts.items():
        given = value.get(name)
        if given is not None:
            yield from _of_value(f"{field}.{name}", given, inner, value)
        elif inner.required:
            yield f"{field}.{name}", FindingCode.MISSING
    yield from ((f"{field}.{_harmless(name)}", FindingCode.UNKNOWN) for name in _unknown(value, part.parts))


def _is_measured(part: Part, record: Record) -> bool:
    """A text that is told is told with its length and its gaiji."""
    return part.form.kind in _MEASURES and record.get(part.of or "") is not None


def _is_expected(blank: Blank, record: Record) -> bool:
    resident_class = record.get("resident_class")
    return (
        (blank is Blank.NOT_FOR_JAPANESE and resident_class == "japanese")
        or (blank is Blank.NOT_FOR_FOREIGN and resident_class == "foreign")
        or (blank is Blank.NOT_WHILE_RESIDENT and record.get("removal") is None)
    )


def _unknown(record: Record, known: Mapping[str, Any]) -> list[str]:
    return [name for name in record if name not in known]


def _harmless(name: str) -> str:
    """An unknown field's name is the sender's own text, and repeated only if it can be no value."""
    return name if _FIELD_NAME.fullmatch(name) else "?"
