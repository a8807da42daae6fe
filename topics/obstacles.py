"""Why a grant yields nothing: no topic, no key, no record. Pure; all reasons are told, not only the first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from topics.grant import Grant
from topics.items.catalogue import ItemClass
from topics.legal_bases import LegalBasis, legal_bases
from topics.messages.protection import up_to


class Code(StrEnum):
    """The kinds of obstacle."""

    UNREVIEWED = "GRANT-UNREVIEWED"
    REFUSED = "GRANT-REFUSED"
    OWN_REVIEW = "GRANT-OWN-REVIEW"
    BEYOND_REVIEW = "GRANT-BEYOND-REVIEW"
    SUSPENDED = "GRANT-SUSPENDED"
    ENDED = "GRANT-ENDED"
    NOT_YET = "GRANT-NOT-YET"
    EXPIRED = "GRANT-EXPIRED"
    NO_BASIS = "GRANT-NO-BASIS"
    BEYOND_BASIS = "GRANT-BEYOND-BASIS"
    NUMBER_NOT_ALLOWED = "GRANT-NUMBER-NOT-ALLOWED"
    NUMBER_WITHOUT_NEED = "GRANT-NUMBER-WITHOUT-NEED"
    JOINABLE = "GRANT-JOINABLE"
    TELLS_POPULATION = "GRANT-TELLS-POPULATION"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason: a `code` for programs, and a sentence that says what to do."""

    code: Code
    sentence: str


def obstacles(grant: Grant, today: date) -> list[Obstacle]:
    """Everything that keeps `grant` from being in force on `today`; empty when it is in force."""
    return [
        *_in_review(grant),
        *_in_time(grant, today),
        *_in_law(grant, today),
        *_in_numbers(grant, today),
        *_in_linkage(grant),
        *_in_population(grant),
    ]


def _in_review(grant: Grant) -> Iterator[Obstacle]:
    review = grant.review
    if review is None:
        yield Obstacle(Code.UNREVIEWED, "nobody has reviewed it: kairan grants review")
        return
    if review.decision == "refused":
        yield Obstacle(Code.REFUSED, "its review refused it: request anew")
    if review.reviewer == grant.request.requester:
        yield Obstacle(Code.OWN_REVIEW, "requester and reviewer are one person: have somebody else review it")
    wider = grant.beyond(review.scope)
    if wider:
        yield Obstacle(Code.BEYOND_REVIEW, f"wider than what was reviewed ({'; '.join(wider)}): request it")


def _in_time(grant: Grant, today: date) -> Iterator[Obstacle]:
    if grant.suspended:
        yield Obstacle(Code.SUSPENDED, f"suspended since {grant.suspended.since}: request it anew")
    if grant.ended:
        yield Obstacle(Code.ENDED, f"ended on {grant.ended.since}: request it anew")
    if today < grant.valid_from:
        yield Obstacle(Code.NOT_YET, f"valid only from {grant.valid_from}")
    if today > grant.valid_to:
        yield Obstacle(Code.EXPIRED, f"valid only to {grant.valid_to}: request it anew")


def _in_law(grant: Grant, today: date) -> Iterator[Obstacle]:
    bases = _bases(grant, today)
    missing = [key for key in grant.legal_basis if key not in {basis.key for basis in bases}]
    if missing:
        yield Obstacle(Code.NO_BASIS, f"no legal basis in force for this file: {', '.join(missing)}")
    items = sorted(set(grant.items).difference(*(basis.items for basis in bases)))
    fields = sorted(set(grant.delivery_fields).difference(*(basis.delivery_fields for basis in bases)))
    told = {grant.protection.told} - {"none", *(least for basis in bases for least in up_to(basis.protection_told))}
    if items or fields or told:
        wider = ", ".join([*map(str, items), *fields, *(f"protection told: {more}" for more in told)])
        yield Obstacle(Code.BEYOND_BASIS, f"wider than its legal basis allows: {wider}; take these out")


def _in_numbers(grant: Grant, today: date) -> Iterator[Obstacle]:
    bases = _bases(grant, today)
    for name, guarded in (("my_number", ItemClass.NUMBER), ("resident_code", ItemClass.RESIDENT_CODE)):
        if not (grant.lists(guarded) or getattr(grant.numbers, name)):
            continue
        if not any(getattr(basis, name) for basis in bases):
            yield Obstacle(Code.NUMBER_NOT_ALLOWED, f"{name}: no legal basis of the grant allows it; take it out")
        if not (getattr(grant.numbers, name) and grant.numbers.need):
            yield Obstacle(Code.NUMBER_WITHOUT_NEED, f"{name}: switch it on under numbers and state the need")


def _in_linkage(grant: Grant) -> Iterator[Obstacle]:
    """Link numbers are there so that two recipients cannot join persons; moments and filings would do it for them."""
    if grant.identifier == "link-number" and grant.timing is None:
        yield Obstacle(Code.JOINABLE, "link numbers can be joined by time: declare a window under timing")
    if grant.timing is not None and grant.groups:
        yield Obstacle(Code.JOINABLE, "a window hides which changes belong together: switch groups off")


def _in_population(grant: Grant) -> Iterator[Obstacle]:
    """Whoever is on a recipient's own list is nobody else's to know: what it refuses would tell the register."""
    if grant.population == "interest" and grant.may_send:
        told = ", ".join(grant.may_send)
        yield Obstacle(Code.TELLS_POPULATION, f"may send {told}: it would tell who is on its list; take it out")


def _bases(grant: Grant, today: date) -> list[LegalBasis]:
    known = [legal_bases()[key] for key in grant.legal_basis if key in legal_bases()]
    return [basis for basis in known if basis.holds_on(today) and basis.catalogue == grant.catalogue]
