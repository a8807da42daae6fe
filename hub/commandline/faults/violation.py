"""What must not be: an invariant that does not hold, and where; never a person's data."""

from enum import StrEnum


class Rule(StrEnum):
    """What holds at every moment, faults or not (design, section 8), and what must be so in the end."""

    ONCE = "I1 every change is applied exactly once, in its recipient's order"
    NOBODY_ELSE = "I2 nothing reaches anyone else"
    ITEMS = "I3 payloads are exactly the permitted items"
    NUMBERS = "I4 numbers and sequences run 1..n without gap, in register order"
    EQUAL = "I5 what is told and kept is what the register says"
    ENTERED = "I6 the ledger says what was disclosed and acknowledged"
    LEDGER_FIRST = "an entry is committed before its record lies on a topic"
    PROGRESS = "progress goes forward, and never past what was not settled"
    ONE_WORKER = "a worker that was replaced writes nothing"
    LIVES = "no process ends by itself"
    TRUE = "in the end topics, copies and ledger are what the register says (the verifier)"
    ARRIVES = "I9 after faults heal, everything arrives"


class ViolationError(Exception):
    """`rule` does not hold; `detail` has coordinates alone."""

    def __init__(self, rule: Rule, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        self.detail = detail


def demand(rule: Rule, holds: bool, detail: str) -> None:  # noqa: FBT001
    """Raise unless it holds."""
    if not holds:
        raise ViolationError(rule, detail)
