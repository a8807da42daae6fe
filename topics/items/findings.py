"""What the first stage of validation finds (チェック結果): a code, a field and what holds; never a value."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """An error keeps a record from being taken; a warning is for somebody to look at."""

    ERROR = "error"
    WARNING = "warning"


class FindingCode(StrEnum):
    """What can be wrong with the form of an item."""

    UNKNOWN = "ITEM-UNKNOWN"
    MISSING = "ITEM-MISSING"
    EXPECTED = "ITEM-EXPECTED"
    BLANK = "ITEM-BLANK"
    TYPE = "ITEM-TYPE"
    TOO_LONG = "ITEM-TOO-LONG"
    AT_LIMIT = "ITEM-AT-LIMIT"
    UNSEEN = "ITEM-UNSEEN"
    LOST_CHARACTER = "ITEM-LOST-CHARACTER"
    PRIVATE_USE = "ITEM-PRIVATE-USE"
    PATTERN = "ITEM-PATTERN"
    CHECK_DIGIT = "ITEM-CHECK-DIGIT"
    CODE = "ITEM-CODE"
    DATE = "ITEM-DATE"
    IMPOSSIBLE_DATE = "ITEM-IMPOSSIBLE-DATE"
    KANA = "ITEM-KANA"
    SEION = "ITEM-SEION"
    RELATIONSHIP = "ITEM-RELATIONSHIP"
    LENGTH = "ITEM-LENGTH"
    GAIJI = "ITEM-GAIJI"
    POSITIONS = "ITEM-POSITIONS"
    SUBSTITUTE = "ITEM-SUBSTITUTE"


WARNINGS = frozenset(
    {
        FindingCode.EXPECTED,
        FindingCode.AT_LIMIT,
        FindingCode.LOST_CHARACTER,
        FindingCode.PRIVATE_USE,
        FindingCode.KANA,
    }
)

RULES = MappingProxyType(
    {
        FindingCode.UNKNOWN: "the file has no such item",
        FindingCode.MISSING: "must be given",
        FindingCode.EXPECTED: "is not left empty for such a person (標準仕様書 1.1.6)",
        FindingCode.BLANK: "is given and has nothing in it; leave it out, or write it",
        FindingCode.TYPE: "is not of the item's type",
        FindingCode.TOO_LONG: "is longer than its field; it is not cut, so shorten or refuse it",
        FindingCode.AT_LIMIT: "is exactly as long as its field: it may have been cut before it came",
        FindingCode.UNSEEN: "holds characters that cannot be seen; write it as it is read",
        FindingCode.LOST_CHARACTER: "holds a mark (〓 ● ?) as systems put in place of what they cannot show",
        FindingCode.PRIVATE_USE: "holds characters of private use, which others show otherwise or not at all",
        FindingCode.PATTERN: "has not the digits and letters of its format",
        FindingCode.CHECK_DIGIT: "has a wrong check digit",
        FindingCode.CODE: "is not a code of its list",
        FindingCode.DATE: "is not written as a register date",
        FindingCode.IMPOSSIBLE_DATE: "is a day that no calendar has, where the register lets none stand",
        FindingCode.KANA: "holds characters that are no kana",
        FindingCode.SEION: "is not the reading without voicing marks and small letters",
        FindingCode.RELATIONSHIP: "is not words of 続柄 joined by の, four generations at most",
        FindingCode.LENGTH: "is not the length of its text",
        FindingCode.GAIJI: "is not the count of gaiji in its text",
        FindingCode.POSITIONS: "does not tell where its text was replaced",
        FindingCode.SUBSTITUTE: "does not stand for its text character by character, or holds gaiji itself",
    }
)
"""What holds, for each code."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: `field` is a path such as ``address.postal_code``; `number` is None for what is no item."""

    code: FindingCode
    catalogue: str
    number: int | None
    field: str

    @property
    def severity(self) -> Severity:
        """Whether the record cannot be taken."""
        return Severity.WARNING if self.code in WARNINGS else Severity.ERROR

    @property
    def rule(self) -> str:
        """What holds."""
        return RULES[self.code]

    def __str__(self) -> str:
        return f"{self.code} {self.field}: {self.rule}"
