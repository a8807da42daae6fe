"""Carries out what reviewers decide on the pages; that writes the declarations, which the pages may not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hub.pages.accounts import SQL, as_administrator
from hub.pages.sessions import UNANSWERED
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided what on which request: `request` is the fingerprint of what the reviewer saw."""

    recipient: str
    request: str
    reviewer: str
    decision: str


Decide = Callable[[Settings, Decision], Awaitable[None]]
"""Reviews the request for good, as ``kairan grants review`` does; repeatable; raises `Refusal`."""


async def decide_once(settings: Settings, decide: Decide) -> None:
    """Carry out what waits; raises one of `UNANSWERED` when the pages' database is away."""
    async with as_administrator(settings) as connection:
        for row in await connection.fetch(SQL["asked_decisions"]):
            asked = Decision(row["recipient"], row["request"], row["reviewer"], row["decision"])
            await connection.execute(SQL["done_decision"], row["decision_id"], await _failure(decide, settings, asked))


async def _failure(decide: Decide, settings: Settings, asked: Decision) -> str:
    """The code of what stood in the way; empty when it is done."""
    try:
        await decide(settings, asked)
    except UNANSWERED as error:
        return error.code if isinstance(error, Refusal) else "KRN-SYSTEM"
    return ""
