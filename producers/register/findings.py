"""What is found of a filing: why it is refused (エラー), or what to look at though it stands (警告); never a value."""

from dataclasses import dataclass
from enum import StrEnum

from topics.items.findings import Severity


class Rule(StrEnum):
    """A rule that a filing can break: its code, and in words what holds and what to do."""

    FORMAT = "REG-FORMAT"
    TEXT = "REG-TEXT"
    ITEM = "REG-ITEM"
    REPEATED = "REG-REPEATED"
    UNKNOWN_RESIDENT = "REG-UNKNOWN-RESIDENT"
    UNKNOWN_HOUSEHOLD = "REG-UNKNOWN-HOUSEHOLD"
    UNKNOWN_FILING = "REG-UNKNOWN-FILING"
    ACTIVE = "REG-ACTIVE"
    CEASED = "REG-CEASED"
    CLASS = "REG-CLASS"
    REASON = "REG-REASON"
    DATE_IN_FUTURE = "REG-DATE-IN-FUTURE"
    DATE_ORDER = "REG-DATE-ORDER"
    DATE_EXACT = "REG-DATE-EXACT"
    DATE_NEEDED = "REG-DATE-NEEDED"
    DATE_FOREIGN = "REG-DATE-FOREIGN"
    LATE = "REG-LATE"
    HEAD = "REG-HEAD"
    RELATIONSHIP = "REG-RELATIONSHIP"
    HOUSEHOLD = "REG-HOUSEHOLD"
    ANNOUNCED = "REG-ANNOUNCED"
    NUMBER = "REG-NUMBER"
    NUMBER_TAKEN = "REG-NUMBER-TAKEN"
    NAME = "REG-NAME"
    ADDRESS = "REG-ADDRESS"
    NOTHING_CHANGES = "REG-NOTHING-CHANGES"
    NOT_LATEST = "REG-NOT-LATEST"
    DIFFERENT_NUMBER = "REG-DIFFERENT-NUMBER"
    PROTECTION = "REG-PROTECTION"


class Notice(StrEnum):
    """What lets a filing stand and is to be looked at."""

    FILED_LATE = "REG-W-FILED-LATE"
    NO_HEAD = "REG-W-NO-HEAD"
    IMPOSSIBLE_DAY = "REG-W-IMPOSSIBLE-DAY"
    RETURN_DIFFERS = "REG-W-RETURN-DIFFERS"
    NO_NUMBER = "REG-W-NO-NUMBER"
    MOVES_WHILE_LEAVING = "REG-W-MOVES-WHILE-LEAVING"
    SUPPORT_ENDED = "REG-W-SUPPORT-ENDED"
    ITEM = "REG-W-ITEM"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: its code, the filing's field, and what holds and what to do."""

    code: Rule | Notice
    field: str
    sentence: str

    @property
    def severity(self) -> Severity:
        """A broken rule is an error, a notice a warning."""
        return Severity.ERROR if isinstance(self.code, Rule) else Severity.WARNING


class FilingRefusedError(Exception):
    """A filing breaks `rule` in `field`; `sentence` says what holds and what to do, and quotes no value."""

    def __init__(self, rule: Rule, field: str, sentence: str) -> None:
        super().__init__(f"{rule.value} {field}: {sentence}")
        self.rule = rule
        self.field = field
        self.sentence = sentence
