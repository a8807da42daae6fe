"""What an abuse case is, what comes of an attempt, and what is planted to see whether a refusal repeats it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from infra.runtime.settings import Settings

NOT_REFUSED = "NOT REFUSED"
PLANTED_NUMBER = "123456789018"
PLANTED_NAME = "合成　密子"
PLANTED = (PLANTED_NUMBER, PLANTED_NAME)
"""A synthetic My Number and a name: no refusal and no log may repeat them."""


class Evidence(StrEnum):
    """Whose word attests that an attempt was refused."""

    AUTHORIZER = "the broker's authorizer"
    ALERT = "a TLS alert"
    BROKER = "the broker's log"
    PROTOCOL = "a protocol error"
    SQLSTATE = "an SQLSTATE of the database"
    FINDING = "a coded finding"
    ENVELOPE = "a coded finding on an envelope"
    DEPARTURE = "a departure of the broker from the grants"
    KEPT = "what the database holds"
    SAID = "what a process says"
    PAGES = "an answer of the operations pages"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt: whether it was refused, and the refusal's own words."""

    refused: bool
    cause: str


Try = Callable[[Settings], Awaitable[Attempt]]


@dataclass(frozen=True, slots=True)
class Case:
    """One abuse case; its number is that of the catalogue of abuse cases, and never given anew."""

    number: int
    title: str
    evidence: Evidence
    attempt: Try


class NotTriableError(Exception):
    """This deployment does not let the case be tried from here; the text says why."""


def accepted() -> Attempt:
    """The attempt succeeded, as it never should."""
    return Attempt(refused=False, cause=NOT_REFUSED)


def all_refused(*attempts: Attempt) -> Attempt:
    """One attempt of several parts: refused when every part was, and for the causes of all."""
    refused = bool(attempts) and all(attempt.refused and attempt.cause for attempt in attempts)
    failing = [attempt.cause for attempt in attempts if not attempt.refused]
    return Attempt(refused, "; ".join(dict.fromkeys(failing or [attempt.cause for attempt in attempts])))


def repeats_planted(text: str) -> bool:
    """Whether `text` repeats what was planted."""
    return any(planted in text for planted in PLANTED)
