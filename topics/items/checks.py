"""What each format demands of a value (フォーマットチェック): one check for each kind, pure, each telling codes alone.

A check gets the value, its part of the catalogue and the record around it; lengths and counts look at their text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from topics.check_digits import is_municipality_code, is_my_number, is_resident_code, is_serial
from topics.dates import EDTF, is_legal
from topics.items.catalogue import Part
from topics.items.code_lists import names_of
from topics.items.findings import FindingCode as Code
from topics.items.formats import Kind
from topics.reason_matrix import reason_matrix
from topics.reasons import names_of_code
from topics.relationship import is_relationship
from topics.text.character_sets import character_set
from topics.text.characters import characters, length
from topics.text.encoding import MISSING_MARK, gaiji_count
from topics.text.kana import seion
from topics.text.visible import is_fit

Record = Mapping[str, Any]
Check = Callable[[Any, Part, Record], Iterator[Code]]

_SHOWN = character_set("jis-x-0213")
_LOST = frozenset(MISSING_MARK + "●?？")
_KANA = re.compile("[ぁ-ゖァ-ヺーヽヾゝゞ・ 　\u3099\u309a]*")


def check(value: Any, part: Part, record: Record) -> Iterator[Code]:
    """The codes of what is wrong with `value`, the value of `part` in `record`; parts are left to the caller."""
    if not _is_typed(value, part.form.kind):
        yield Code.TYPE
    elif isinstance(value, str) and not value.strip():
        yield Code.BLANK
    else:
        yield from _CHECKS.get(part.form.kind, _nothing)(value, part, record)


def _is_typed(value: Any, kind: Kind) -> bool:
    if kind is Kind.FLAG:
        return isinstance(value, bool)
    if kind in {Kind.COUNT, Kind.LENGTH, Kind.GAIJI}:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if kind is Kind.POSITIONS:
        return isinstance(value, list | tuple) and all(isinstance(place, int) for place in value)
    return isinstance(value, Mapping if kind is Kind.PARTS else str)


def _nothing(_value: Any, _part: Part, _record: Record) -> Iterator[Code]:
    return iter(())


def _text(text: str, part: Part, record: Record) -> Iterator[Code]:
    if part.max_length is not None and length(text) >= part.max_length:
        yield Code.AT_LIMIT if length(text) == part.max_length else Code.TOO_LONG
    if not is_fit(text):
        yield Code.UNSEEN
    if not _LOST.isdisjoint(text):
        yield Code.LOST_CHARACTER
    if any(unicodedata.category(character) == "Co" for character in text):
        yield Code.PRIVATE_USE
    if part.original is not None and not _stands_for(text, record.get(part.original)):
        yield Code.SUBSTITUTE


def _kana(text: str, part: Part, record: Record) -> Iterator[Code]:
    yield from _text(text, part, record)
    if _KANA.fullmatch(text) is None:
        yield Code.KANA


def _seion(text: str, part: Part, record: Record) -> Iterator[Code]:
    yield from _text(text, part, record)
    reading = record.get(part.of or "")
    if text != seion(reading if isinstance(reading, str) else text):
        yield Code.SEION


def _stands_for(text: str, original: Any) -> bool:
    return isinstance(original, str) and length(text) == length(original) and gaiji_count(text, _SHOWN) == 0


def _date(value: str, _part: Part, _record: Record, *, leap_day: bool = False) -> Iterator[Code]:
    if re.fullmatch(EDTF, value) is None:
        yield Code.DATE
    elif not is_legal(value, leap_day=leap_day):
        yield Code.IMPOSSIBLE_DATE


def _date_or_leap_day(value: str, part: Part, record: Record) -> Iterator[Code]:
    return _date(value, part, record, leap_day=True)


def _date_of_change(value: str, part: Part, record: Record) -> Iterator[Code]:
    named = names_of_code(str(record.get("reason")))
    return _date(value, part, record, leap_day=any(not reason_matrix()[name].dates.exact for name in named))


def _number(is_right: Callable[[str], bool]) -> Check:
    def check_number(value: str, part: Part, _record: Record) -> Iterator[Code]:
        if re.fullmatch(f"[0-9]{{{part.max_length}}}", value) is None:
            yield Code.PATTERN
        elif not is_right(value):
            yield Code.CHECK_DIGIT

    return check_number


def _pattern(value: str, part: Part, _record: Record) -> Iterator[Code]:
    if re.fullmatch(part.form.pattern or "", value) is None:
        yield Code.PATTERN


def _code(value: str, part: Part, _record: Record) -> Iterator[Code]:
    if value not in names_of(part.codes or ""):
        yield Code.CODE


def _relationship(value: str, _part: Part, _record: Record) -> Iterator[Code]:
    if not is_relationship(value):
        yield Code.RELATIONSHIP


def _length(value: int, part: Part, record: Record) -> Iterator[Code]:
    if value != length(_told(part, record)):
        yield Code.LENGTH


def _gaiji(value: int, part: Part, record: Record) -> Iterator[Code]:
    if value != gaiji_count(_told(part, record), _SHOWN):
        yield Code.GAIJI


def _positions(value: Any, part: Part, record: Record) -> Iterator[Code]:
    original = part.original and record.get(part.original)
    if not isinstance(original, str) or tuple(value) != _differing(original, _told(part, record)):
        yield Code.POSITIONS


def _differing(original: str, text: str) -> tuple[int, ...]:
    pairs = zip(characters(original), characters(text), strict=False)
    return tuple(place for place, (one, other) in enumerate(pairs, start=1) if one != other)


def _told(part: Part, record: Record) -> str:
    """The text that a length or a count tells of; nothing where it is missing or no text."""
    text = record.get(part.of or "")
    return text if isinstance(text, str) else ""


_CHECKS: Mapping[Kind, Check] = MappingProxyType(
    {
        Kind.TEXT: _text,
        Kind.KANA: _kana,
        Kind.SEION: _seion,
        Kind.DATE: _date,
        Kind.DATE_OR_LEAP_DAY: _date_or_leap_day,
        Kind.DATE_OF_CHANGE: _date_of_change,
        Kind.SERIAL: _number(is_serial),
        Kind.RESIDENT_CODE: _number(is_resident_code),
        Kind.MY_NUMBER: _number(is_my_number),
        Kind.MUNICIPALITY: _number(is_municipality_code),
        Kind.RELATIONSHIP: _relationship,
        Kind.PATTERN: _pattern,
        Kind.CODE: _code,
        Kind.LENGTH: _length,
        Kind.GAIJI: _gaiji,
        Kind.POSITIONS: _positions,
    }
)
