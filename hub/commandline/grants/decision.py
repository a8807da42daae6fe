"""A second person's decision on a request: by command, or as a reviewer asked for it on the operations pages."""

import asyncio
from typing import Literal

from hub.commandline.grants.files import coded, directory, read, today, waiting
from hub.pages.deciding import Decision
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics import trail
from topics.grant import Grant
from topics.grant_files import declared_path, requested_path, write_grant


def decide(settings: Settings, recipient: str, reviewer: str, decision: str) -> Grant:
    """The requested grant with its review, as it is declared, or waits no more; raises `Refusal`."""
    if decision not in ("approved", "refused"):
        raise Refusal("KRN-GRANT", "--decision is approved or refused")
    path = requested_path(directory(settings), recipient)
    asked = waiting(settings, recipient)
    with coded():
        decided: Literal["approved", "refused"] = "approved" if decision == "approved" else "refused"
        grant = trail.review(asked, reviewer, decided, today())
        kept = declared_path(directory(settings), recipient) if decision == "approved" else path
        write_grant(kept, grant, layout=path)
    if decision == "approved":
        path.unlink()
    return grant


async def decide_as_seen(settings: Settings, asked: Decision) -> None:
    """Decide on exactly the request that the reviewer saw; raises `Refusal`. Repeatable: killed in between, it ends
    what it began."""
    await asyncio.to_thread(_decide_as_seen, settings, asked)


def _decide_as_seen(settings: Settings, asked: Decision) -> None:
    requested = requested_path(directory(settings), asked.recipient)
    approved = _is_that(read(declared_path(directory(settings), asked.recipient)), asked)
    if approved and _same(read(requested), asked):
        requested.unlink()
    if approved or _is_that(read(requested), asked):
        return
    if not _same(waiting(settings, asked.recipient), asked):
        raise Refusal("KRN-GRANT-CHANGED", "the request was handed in anew since it was seen; look at it again")
    decide(settings, asked.recipient, asked.reviewer, asked.decision)


def _is_that(grant: Grant | None, asked: Decision) -> bool:
    review = grant.review if grant is not None else None
    told = (review.reviewer, review.decision) if review is not None else None
    return told == (asked.reviewer, asked.decision) and _same(grant, asked)


def _same(grant: Grant | None, asked: Decision) -> bool:
    return grant is not None and trail.fingerprint(grant) == asked.request
