"""Why a filing is refused (エラーコード): one code for each rule, the field it concerns, and what to do; no values."""

from enum import StrEnum


class Rule(StrEnum):
    """A rule that a filing can break: its code, and in words what holds and what to do."""

    FORMAT = "REG-FORMAT"
    TEXT = "REG-TEXT"
    REPEATED = "REG-REPEATED"
    UNKNOWN_RESIDENT = "REG-UNKNOWN-RESIDENT"
    UNKNOWN_HOUSEHOLD = "REG-UNKNOWN-HOUSEHOLD"
    UNKNOWN_FILING = "REG-UNKNOWN-FILING"
    ACTIVE = "REG-ACTIVE"
    CEASED = "REG-CEASED"
    DATE_IN_FUTURE = "REG-DATE-IN-FUTURE"
    DATE_ORDER = "REG-DATE-ORDER"
    HEAD = "REG-HEAD"
    RELATIONSHIP = "REG-RELATIONSHIP"
    HOUSEHOLD = "REG-HOUSEHOLD"
    ANNOUNCED = "REG-ANNOUNCED"
    NUMBER = "REG-NUMBER"
    NOTHING_CHANGES = "REG-NOTHING-CHANGES"
    NOT_LATEST = "REG-NOT-LATEST"
    DIFFERENT_NUMBER = "REG-DIFFERENT-NUMBER"


class FilingRefusedError(Exception):
    """A filing breaks `rule` in `field`; `sentence` says what holds and what to do, and quotes no value."""

    def __init__(self, rule: Rule, field: str, sentence: str) -> None:
        super().__init__(f"{rule.value} {field}: {sentence}")
        self.rule = rule
        self.field = field
        self.sentence = sentence
