"""What an inquiry is answered, decided purely; deny by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from topics.messages.inquiry import Inquiry, Outcome

ANSWERED = "INQUIRY-ANSWERED"
NOT_DECLARED = "INQUIRY-PURPOSE-NOT-DECLARED"
NOT_PERMITTED = "INQUIRY-ITEM-NOT-PERMITTED"
CODE = "INQUIRY-CODE-NOT-VALID"
NO_COPY = "INQUIRY-NO-COPY"
NOT_PUBLISHED = "INQUIRY-NOT-PUBLISHED"
BY_STAFF = "INQUIRY-NOT-AUTOMATIC"
"""自動応答不可: the person is protected (支援措置), or nobody has said. Staff sees it; the institution does not."""


@dataclass(frozen=True, slots=True)
class Known:
    """The person behind the institution's own valid code; `copy` is there only while there is one."""

    link_number: str
    copy: "Copy | None"


@dataclass(frozen=True, slots=True)
class Copy:
    """Her secondary copy (副本); `open` when she is known not to be protected."""

    version: int
    items: Mapping[str, JsonValue]
    published_from: datetime
    published: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What the log says; `copy` is what may be told of."""

    outcome: Outcome
    code: str
    link_number: str | None = None
    copy: Copy | None = None


def decide(inquiry: Inquiry, permitted: frozenset[int], known: Known | None) -> Decision:
    """The decision; what is not permitted is refused before anybody looks whose code it is."""
    if not permitted:
        return Decision("not-permitted", NOT_DECLARED)
    if not permitted.issuperset(inquiry.items):
        return Decision("not-permitted", NOT_PERMITTED)
    if known is None:
        return Decision("not-answered", CODE)
    code = _hindrance(known.copy)
    if code is not None:
        return Decision("not-answered", code, known.link_number)
    return Decision("answered", ANSWERED, known.link_number, known.copy)


def _hindrance(copy: Copy | None) -> str | None:
    if copy is None:
        return NO_COPY
    if not copy.open:
        return BY_STAFF
    return None if copy.published else NOT_PUBLISHED
