"""The trail of a grant: requested, reviewed, suspended, ended. Pure: what a step makes of the declarations.

Widening needs a second person (four eyes); narrowing takes effect by the word of one.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal

from topics.grant import Grant, Halt, Review
from topics.obstacles import Code, Obstacle, obstacles

OF_THE_TRAIL = {Code.UNREVIEWED, Code.REFUSED, Code.OWN_REVIEW, Code.BEYOND_REVIEW, Code.NOT_YET}
"""Obstacles that a review removes, or time; all others are in the request itself."""


class TrailError(ValueError):
    """A step that may not be taken; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Requested:
    """What a request comes to: the grant as declared from now on, or as it waits for a review.

    `wider` says in what it goes beyond what is approved now; it is empty exactly when no review is needed.
    """

    grant: Grant
    wider: tuple[str, ...]


def request(proposal: Grant, current: Grant | None, today: date) -> Requested:
    """Take in a request; raises `TrailError` when no review could put it in force."""
    faults = _faults(proposal, today)
    if faults:
        raise TrailError("; ".join(f"{fault.code}: {fault.sentence}" for fault in faults))
    if current is None or current.review is None or obstacles(current, today):
        generation = 1 if current is None else current.generation + 1
        return Requested(_fresh(proposal, generation), ("there is no grant in force",))
    wider = tuple(proposal.beyond(current.review.scope))
    if wider:
        return Requested(_fresh(proposal, current.generation), wider)
    narrowed = _fresh(proposal, current.generation).model_copy(update={"review": current.review})
    return Requested(narrowed, ())


def review(waiting: Grant, reviewer: str, decision: Literal["approved", "refused"], today: date) -> Grant:
    """The requested grant with its review; raises `TrailError` when the requester would decide."""
    if waiting.review is not None:
        raise TrailError(f"{Code.REFUSED}: this request was decided on {waiting.review.decided_on}; request anew")
    if reviewer == waiting.request.requester:
        raise TrailError(f"{Code.OWN_REVIEW}: the requester may not decide; have somebody else review it")
    return waiting.model_copy(
        update={"review": Review(reviewer=reviewer, decided_on=today, decision=decision, scope=waiting.scope())}
    )


def fingerprint(grant: Grant) -> str:
    """A digest of what is asked for: the same of a request, and of the grant that its review makes of it."""
    return sha256(grant.model_copy(update={"review": None}).model_dump_json().encode("utf-8")).hexdigest()


def suspend(grant: Grant, halt: Halt) -> Grant:
    """The grant, out of force until it is requested anew; a second time nothing changes."""
    return grant if grant.suspended else grant.model_copy(update={"suspended": halt})


def end(grant: Grant, halt: Halt) -> Grant:
    """The grant, out of force for good; a second time nothing changes."""
    return grant if grant.ended else grant.model_copy(update={"ended": halt})


def _faults(proposal: Grant, today: date) -> list[Obstacle]:
    """What is amiss with the request itself, whatever trail the file that was copied for it still has."""
    asked = _fresh(proposal, 1)
    return [each for each in obstacles(asked, max(today, asked.valid_from)) if each.code not in OF_THE_TRAIL]


def _fresh(proposal: Grant, generation: int) -> Grant:
    return proposal.model_copy(update={"review": None, "suspended": None, "ended": None, "generation": generation})
