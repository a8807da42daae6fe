"""What the intake finds on a line (チェック結果): a code, the field, what holds; the line is told by its number, never
by what stands in it. What is wrong with the form of an item has the codes of `topics.items.findings`.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from topics.items.findings import RULES as ITEM_RULES
from topics.items.findings import FindingCode


class IntakeCode(StrEnum):
    """What can be wrong with a line as such, and with its place among a person's rows."""

    ENCODING = "INTAKE-ENCODING"
    NUL = "INTAKE-NUL"
    QUOTES = "INTAKE-QUOTES"
    COLUMNS = "INTAKE-COLUMNS"
    LINE_TOO_LONG = "INTAKE-LINE-TOO-LONG"
    TOO_LONG = "INTAKE-TOO-LONG"
    MISSING = "INTAKE-MISSING"
    FORM = "INTAKE-FORM"
    MUNICIPALITY = "INTAKE-MUNICIPALITY"
    DATE = "INTAKE-DATE"
    REMOVAL = "INTAKE-REMOVAL"
    DUPLICATE = "INTAKE-DUPLICATE"
    SCATTERED = "INTAKE-SCATTERED"
    LATEST = "INTAKE-LATEST"
    OLDER = "INTAKE-OLDER"
    NO_LATEST = "INTAKE-NO-LATEST"
    NOT_TAKEN = "INTAKE-NOT-TAKEN"


WARNINGS = frozenset({IntakeCode.NO_LATEST, IntakeCode.NOT_TAKEN})

RULES = MappingProxyType(
    {
        IntakeCode.ENCODING: "is not UTF-8; write the file anew, do not convert it by guessing",
        IntakeCode.NUL: "holds the character NUL",
        IntakeCode.QUOTES: "has quotes that do not close; a line is one row",
        IntakeCode.COLUMNS: "has not as many columns as the layout",
        IntakeCode.LINE_TOO_LONG: "is longer than a line of this layout can be",
        IntakeCode.TOO_LONG: "is longer than its column; it is not cut",
        IntakeCode.MISSING: "must be given",
        IntakeCode.FORM: "has not the digits or letters of its column",
        IntakeCode.MUNICIPALITY: "is not the municipality whose register this is",
        IntakeCode.DATE: "day, 不詳フラグ and 不詳表記 do not make one date of the register",
        IntakeCode.REMOVAL: "a removal has a reason that removes, its day and the day it was filed",
        IntakeCode.DUPLICATE: "is the key of an earlier line too",
        IntakeCode.SCATTERED: "the person's rows do not stand together",
        IntakeCode.LATEST: "最新フラグ is set on one row of a person, that of the highest 履歴番号 and 枝番",
        IntakeCode.OLDER: "a newer row of the person was taken over before",
        IntakeCode.NO_LATEST: "no row of the person that can be taken is the latest: the present state stays as it is",
        IntakeCode.NOT_TAKEN: "has no item in the resident register file: it stays in the former system",
    }
)
"""What holds, for each code."""


@dataclass(frozen=True, slots=True)
class LineFinding:
    """One finding on a line, counted from 1; `field` is a column, or a path in the record such as
    ``address.postal_code``."""

    line: int
    code: str
    field: str
    refused: bool

    def told(self) -> dict[str, Any]:
        """For programs."""
        severity = "error" if self.refused else "warning"
        return {"line": self.line, "severity": severity, "code": self.code, "field": self.field, "rule": self.rule}

    @property
    def rule(self) -> str:
        """What holds."""
        return rule_of(self.code)


def finding(line: int, code: IntakeCode, field: str) -> LineFinding:
    """A finding of the intake's own."""
    return LineFinding(line, code.value, field, refused=code not in WARNINGS)


def rule_of(code: str) -> str:
    """What holds, for a code of the intake or of an item."""
    return RULES[IntakeCode(code)] if code in set(IntakeCode) else ITEM_RULES[FindingCode(code)]
