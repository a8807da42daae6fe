"""Failures (障害の区分): every code on the way of a delivery, once, and what is done about it.

A transient failure is waited out: pause, back off, and take note of no progress. Poison is parked, with what waits for
it, and the rest flows. A breach of policy is for the auditor: whoever wrote the record was not entitled to, or said
more than was granted; it is set aside as well, and nothing follows from it.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType


class FailureClass(StrEnum):
    """What is done about a failure."""

    TRANSIENT = "transient"
    POISON = "poison"
    POLICY = "policy"


WHAT_IS_DONE = MappingProxyType(
    {
        FailureClass.TRANSIENT: "pause, back off, take note of no progress",
        FailureClass.POISON: "park it with its filing and all that follows of its residents; the others flow",
        FailureClass.POLICY: "set it aside for the auditor; nothing follows from it",
    }
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One code, its class, and what it says."""

    code: str
    failure_class: FailureClass
    says: str


def _table(failure_class: FailureClass, says: dict[str, str]) -> tuple[Failure, ...]:
    return tuple(Failure(code, failure_class, sentence) for code, sentence in says.items())


FAILURES = (
    *_table(
        FailureClass.TRANSIENT,
        {
            "KIT-FAULT": "a server is away, a connection cut, or a right withdrawn",
            "KIT-FENCED": "another process has settled this lane further",
            "KIT-NUMBER-GAP": "delivery numbers are missing; they are asked for until they come",
            "KIT-SEQUENCE-GAP": "deliveries wait for an earlier one of their resident or another one of their filing",
            "KIT-KEPT-BACK": "deliveries wait behind one that is parked",
            "KIT-PARK-LIMIT": "so much would be parked that the consumer itself must be amiss; it stands still",
            "HUB-RETRY": "a lane could not be settled and is tried again",
            "HUB-RESTART": "a worker was fenced or lost its servers, and joins anew",
            "HUB-POSITION-GAP": "a change's position is missing; the lane waits for it",
            "HUB-NUMBER-MISSING": "a change refers to a number version that is not there yet",
            "HUB-DISPATCH": "one recipient's deliveries cannot be sent now",
            "HUB-FENCED": "another worker owns the municipality",
            "HUB-SNAPSHOT": "a snapshot cannot be told now",
            "HUB-WINDOW": "what waited for its window cannot be sent on now",
            "HUB-COMMIT": "the group's offset was not taken; progress stands in the database",
            "HUB-GRANTS": "a grant came into force or went out of it; the worker begins anew",
            "HUB-RETURNS": "what is kept for the register cannot be sent now",
            "HUB-RETENTION": "unread deliveries will leave their topic soon",
        },
    ),
    *_table(
        FailureClass.POISON,
        {
            "ENV-MALFORMED": "no envelope",
            "ENV-KEY-UNKNOWN": "under a key that is not in the register, or not held here",
            "ENV-KEY-RETIRED": "under a key beyond the numbers for which it is good",
            "ENV-SUITE": "wrapped by another algorithm than its key's",
            "ENV-WRAPPED-KEY": "the content key does not unwrap",
            "ENV-ALTERED": "the content was altered",
            "KIT-UNDECODABLE": "the content is no delivery that this consumer understands",
            "KIT-HEAD-IS-NOT-THE-CONTENT": "the envelope says another place than the content",
            "KIT-FILING-IS-NONE": "what it says of its filing cannot be",
            "KIT-NOT-STORABLE": "the recipient's database refuses what it says",
            "KIT-NOT-APPLICABLE": "the recipient's own code fails on what it says",
            "KIT-NUMBER-TOO-FAR": "its delivery number lies too far ahead",
            "PREFECTURE-UPDATE-SEQUENCE": "the update sequence (更新順番号) does not follow what is registered",
            "PREFECTURE-FORMER-CODE": "another resident code, and it does not say that it follows the registered one",
            "PREFECTURE-UPDATE-FORBIDDEN": "the record is frozen (更新禁止)",
            "PREFECTURE-EXCLUSIVE": "another process has the record (排他)",
            "PREFECTURE-CHECK-DIGIT": "a resident code or My Number has a wrong check digit",
            "PREFECTURE-GAIJI-COUNT": "a count of gaiji (外字数) or their flag is not that of the texts",
            "PREFECTURE-RELATIONSHIP": "the relationship (続柄) is none",
            "PREFECTURE-RECORD-STATUS": "the record status (レコード状況) is another one than the delivery's state",
            "PREFECTURE-PLANNED": "a move-out is announced (予定者) of somebody who is not here any more",
            "PREFECTURE-OTHER-MUNICIPALITY": "an active resident's municipality code is another one's",
            "PREFECTURE-CHANGE-IN-FUTURE": "the day of change is after the registration, and it is no move-out",
            "PREFECTURE-BIRTH-DATE": "a birth's day of change is not the date of birth",
            "PREFECTURE-NOT-REMOVED": "a move-out or a death, and the resident is there still",
            "JLIS-MEASURE": "lengths, counts of gaiji or substitutes are not those of the texts",
            "NUMBERING-NO-RESIDENT-CODE": "a number request without a resident code",
            "INTERMEDIATE-NO-LINK-NUMBER": "a copy without its link number",
            "HUB-UNREADABLE": "no change, or no message of a party",
            "HUB-HEAD-IS-NOT-THE-CONTENT": "the envelope says another place than the content",
        },
    ),
    *_table(
        FailureClass.POLICY,
        {
            "ENV-SENDER": "sealed by somebody else",
            "ENV-RECIPIENT": "sealed to somebody else",
            "ENV-TOPIC": "sealed for another topic",
            "ENV-MUNICIPALITY": "sealed for another municipality",
            "ENV-GENERATION": "sealed for another generation of the topic",
            "ENV-CONTENT": "sealed for another kind of content",
            "ENV-BASIS": "under another legal basis than the grant's",
            "ENV-ITEMS": "for items beyond the grant's",
            "ENV-MESSAGE-KEY": "under another message key than its own",
            "ENV-RANGE": "under a number outside its run",
            "ENV-SIGNATURE": "not signed by whom it names",
            "KIT-NOT-OURS": "a delivery for somebody else",
            "KIT-ITEM-NOT-GRANTED": "a delivery with more than is granted",
            "KIT-REPLAYED-DIFFERENTLY": "a known delivery number over other bytes",
            "HUB-FOREIGN-MUNICIPALITY": "a change of another municipality, or a message in somebody else's name",
            "HUB-INBOX-GAP": "messages of a party are missing",
            "HUB-ACKNOWLEDGEMENT-KEY": "an acknowledgement under a key that is not its party's",
            "HUB-ACKNOWLEDGEMENT-SIGNATURE": "an acknowledgement whose signature fails",
            "HUB-ACKNOWLEDGEMENT-DIGEST": "an acknowledgement of other bytes than were sent",
            "HUB-DELIVERY-UNKNOWN": "a party refuses, gives up or answers a delivery that it was never sent",
            "HUB-MESSAGE-NOT-GRANTED": "a party sends what its grant does not admit",
            "HUB-REVOKED": "the grant was revoked; nothing more is sent under it",
        },
    ),
)


@cache
def _by_code() -> dict[str, FailureClass]:
    return {failure.code: failure.failure_class for failure in FAILURES}


def failure_class(code: str) -> FailureClass:
    """The class of a code; one that was not declared counts as poison."""
    return _by_code().get(code, FailureClass.POISON)
