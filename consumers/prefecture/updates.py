"""What the prefecture holds an update against: what is registered of the person. Pure; codes stand as keyed digests.

Each resident code has a sequence of its own (更新順番号): a regular update is the one after the last. What stands for
a delivery that was refused, or is told anew by hand, is one more in the abnormal sequence (異常時更新順番号) instead.
Where deliveries of the person were given up in between, so many numbers may be missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from consumers.kit.faults import BrokenRuleError
from consumers.prefecture.registration import UPDATE_SEQUENCE

FORMER_CODE = "PREFECTURE-FORMER-CODE"
MARKS = MappingProxyType({"update-forbidden": "PREFECTURE-UPDATE-FORBIDDEN", "exclusive": "PREFECTURE-EXCLUSIVE"})
"""Why a record takes no update (更新禁止・排他), and the code under which that is told."""

Counts = tuple[int, int]
"""The last regular and the last abnormal sequence of a code."""


@dataclass(frozen=True, slots=True)
class Update:
    """What a delivery says of its place; `counts` is None where it tells no update sequence."""

    subject: str
    sequence: int
    code: bytes | None = None
    former: bytes | None = None
    counts: Counts | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """Where a person's record stands; `closed` has the sequences of codes that were hers before."""

    sequence: int = 0
    code: bytes | None = None
    counts: Counts = (0, 0)
    closed: Mapping[bytes, Counts] = field(default_factory=dict)
    mark: str | None = None

    def last(self, code: bytes | None) -> Counts:
        """The last sequences of a code; one that is new begins."""
        return self.counts if code == self.code else self.closed.get(code or b"", (0, 0))


@dataclass(frozen=True, slots=True)
class Closed:
    """The sequences of a code that is a person's no more."""

    subject: str
    code: bytes
    counts: Counts


def register(standing: Mapping[str, Registered], updates: Iterable[Update]) -> list[Closed]:
    """Hold each update, in order, against what stands then; returns which codes are closed by them.

    Raises `BrokenRuleError` for the first that breaks a rule.
    """
    present, closed = dict(standing), []
    for update in updates:
        registered = present.get(update.subject, Registered())
        code = broken_rule_of(registered, update)
        if code is not None:
            raise BrokenRuleError(code)
        if registered.code not in (None, update.code):
            closed.append(Closed(update.subject, registered.code or b"", registered.counts))
        present[update.subject] = _after(registered, update)
    return closed


def broken_rule_of(registered: Registered, update: Update) -> str | None:
    """The code of the first rule that the update breaks."""
    if registered.mark is not None:
        return MARKS[registered.mark]
    if update.counts is None:
        return None
    given_up = update.sequence - registered.sequence - 1
    if not _follows(update.counts, registered.last(update.code), given_up):
        return UPDATE_SEQUENCE
    if registered.code not in (None, update.code, update.former) and not given_up:
        return FORMER_CODE
    return None


def _follows(told: Counts, last: Counts, given_up: int) -> bool:
    regular, abnormal = told[0] - last[0], told[1] - last[1]
    return regular >= 0 and abnormal >= 0 and 1 <= regular + abnormal <= 1 + given_up


def _after(registered: Registered, update: Update) -> Registered:
    counts = update.counts or registered.last(update.code)
    before = {} if registered.code is None else {registered.code: registered.counts}
    closed = {**registered.closed, **before}
    return replace(registered, sequence=update.sequence, code=update.code, counts=counts, closed=closed)
