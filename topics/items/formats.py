"""Formats of items (データ形式): what a value must look like, its greatest length, and how certain that is.

The telegrams of Juki-net and the layout of the secondary copy are not public. Every format therefore says where it is
from, and one that is the project's own can be changed without asking anybody.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Mark(StrEnum):
    """How certain a format is."""

    VERIFIED = "V"  # read in a public source
    SEED = "S"  # said by the privacy assessment
    INFERRED = "I"  # inferred from several sources
    PROJECT = "P"  # not public anywhere: fixed by this project


class Kind(StrEnum):
    """How a value is checked, beside its pattern."""

    TEXT = "text"
    KANA = "kana"
    SEION = "seion"
    DATE = "date"
    DATE_OR_LEAP_DAY = "date-or-leap-day"
    DATE_OF_CHANGE = "date-of-change"
    SERIAL = "serial"
    RESIDENT_CODE = "resident-code"
    MY_NUMBER = "my-number"
    MUNICIPALITY = "municipality-code"
    RELATIONSHIP = "relationship"
    PATTERN = "pattern"
    CODE = "code"
    FLAG = "flag"
    COUNT = "count"
    LENGTH = "length"
    GAIJI = "gaiji"
    POSITIONS = "positions"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how it is checked, what it looks like, its greatest length in characters and a pattern, if any."""

    key: str
    kind: Kind
    meaning: str
    mark: Mark
    max_length: int | None = None
    pattern: str | None = None


_V, _S, _I, _P = Mark.VERIFIED, Mark.SEED, Mark.INFERRED, Mark.PROJECT
_NAME_LENGTH, _ADDRESS_LENGTH, _TEXT_LENGTH = 120, 200, 200
"""Names of 120 characters are seen in public products; of addresses only a length that cuts (50) is: not taken over."""

_FORMATS = (
    Format("serial", Kind.SERIAL, "9 digits and a check digit", _V, 10),
    Format("number-reference", Kind.PATTERN, "32 hexadecimal digits: a reference, never the number", _P, 32,
           "[0-9a-f]{32}"),
    Format("resident-code", Kind.RESIDENT_CODE, "10 digits and a check digit", _V, 11),
    Format("my-number", Kind.MY_NUMBER, "11 digits and a check digit", _V, 12),
    Format("municipality-code", Kind.MUNICIPALITY, "5 digits and a check digit (JIS X 0401, 0402)", _V, 6),
    Format("town-code", Kind.PATTERN, "5 to 7 digits: towns and sections, or 町字ID", _I, 7, "[0-9]{5,7}"),
    Format("postal-code", Kind.PATTERN, "7 digits; older ones have 3 or 5", _V, 7, "[0-9]{3}(?:[0-9]{2}){0,2}"),
    Format("phone", Kind.PATTERN, "digits and hyphens", _P, 15, "[0-9]+(?:-[0-9]+)*"),
    Format("residence-card", Kind.PATTERN, "2 letters, 8 digits, 2 letters", _V, 12, "[A-Z]{2}[0-9]{8}[A-Z]{2}"),
    Format("operator", Kind.PATTERN, "an account or a terminal: letters, digits, hyphens", _P, 31,
           "[A-Za-z0-9][A-Za-z0-9-]{0,30}"),
    Format("management-number", Kind.PATTERN, "letters, digits, hyphens", _P, 36, "[A-Za-z0-9][A-Za-z0-9-]{0,35}"),
    Format("timestamp", Kind.PATTERN, "ISO 8601 with an offset", _P, 35,
           r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"),
    Format("date", Kind.DATE, "a day that a calendar has, or one not wholly known", _V, 11),
    Format("date-or-leap-day", Kind.DATE_OR_LEAP_DAY, "as date, or 29 February of a common year", _V, 11),
    Format("date-of-change", Kind.DATE_OF_CHANGE, "as date; 29 February of a common year for 出生, 死亡, 失踪", _V, 11),
    Format("name", Kind.TEXT, "as received, IVS kept", _V, _NAME_LENGTH),
    Format("kana", Kind.KANA, "hiragana or katakana, ー, ・ and spaces", _V, _NAME_LENGTH),
    Format("seion", Kind.SEION, "katakana without voicing marks and small letters", _V, _NAME_LENGTH),
    Format("address", Kind.TEXT, "as received, IVS kept", _P, _ADDRESS_LENGTH),
    Format("text", Kind.TEXT, "free text", _P, _TEXT_LENGTH),
    Format("long-text", Kind.TEXT, "free text: entries of another system, whose layout is its own", _P, 4000),
    Format("relationship", Kind.RELATIONSHIP, "words of 続柄 joined by の, four at most", _V, 27),
    Format("code", Kind.CODE, "a code of its list", _V),
    Format("opaque-code", Kind.PATTERN, "letters and digits; the list is not public", _P, 10, "[A-Za-z0-9]{1,10}"),
    Format("flag", Kind.FLAG, "true or false", _P),
    Format("count", Kind.COUNT, "a whole number from 0", _S),
    Format("length", Kind.LENGTH, "characters of the text that follows (項目長)", _S),
    Format("gaiji", Kind.GAIJI, "characters outside JIS X 0213 (外字数)", _S),
    Format("positions", Kind.POSITIONS, "which characters were replaced, counted from 1 (位置情報)", _I),
    Format("gaiji-patterns", Kind.TEXT, "images of gaiji, as text; the layout is not public", _P, 4000),
    Format("parts", Kind.PARTS, "several values, each with a format of its own", _P),
)  # fmt: skip

FORMATS = MappingProxyType({each.key: each for each in _FORMATS})
