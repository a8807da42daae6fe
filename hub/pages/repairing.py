"""Looks at what recipients have parked, and retries what operators ask for; that needs the recipients' keys, which the
pages have not."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from hub.pages.accounts import SQL, as_administrator
from hub.pages.deciding import Decide, decide_once
from hub.pages.sessions import UNANSWERED
from infra.runtime.log import Logger
from infra.runtime.postgres import Connection
from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from topics.declared import declared_by_recipient

BETWEEN_SECONDS = 5.0
SHOWN_OF_A_SUBJECT = 8

Look = Callable[[Settings, str, str], Awaitable[Sequence[Mapping[str, Any]]]]
"""What a recipient has parked in a municipality, as ``kairan parked list --json`` tells it; raises `Refusal`."""

Retry = Callable[[Settings, str, str, Sequence[int]], Awaitable[Mapping[str, Any]]]
"""Retries these offsets, or everything, for good, as ``kairan parked retry --yes`` does; raises `Refusal`."""


@dataclass(frozen=True, slots=True)
class Repairs:
    """The commands' functions, lent by whoever wires this process."""

    look: Look
    retry: Retry
    decide: Decide


async def keep_repairing(settings: Settings, repairs: Repairs, stop: Stop) -> None:
    """Do what is asked for on the pages and look at all recipients, every few seconds until `stop`."""
    log: Logger = structlog.get_logger()
    while not stop.is_set():
        try:
            await decide_once(settings, repairs.decide)
            await repair_once(settings, repairs)
        except UNANSWERED as error:
            log.warning("what is asked for was not done", code="PARKED-UNANSWERED", error=error)
        await pause(stop, BETWEEN_SECONDS)


async def repair_once(settings: Settings, repairs: Repairs) -> None:
    """Do what is asked for, then keep what is parked; raises one of `UNANSWERED` when the pages' database is away.

    Ended between a retry and its row, it tries again: what has been applied then is no longer parked.
    """
    async with as_administrator(settings) as connection:
        for asked in await connection.fetch(SQL["asked_retries"]):
            offsets = [] if asked["offset"] is None else [asked["offset"]]
            result, failure = await _tried(repairs, settings, (asked["recipient"], asked["municipality"]), offsets)
            await connection.execute(SQL["done_retry"], asked["retry_id"], json.dumps(result), failure)
        for recipient in declared_by_recipient(settings.grants_directory):
            for municipality in settings.municipalities:
                await _look(connection, repairs, settings, recipient, municipality)


async def _tried(
    repairs: Repairs, settings: Settings, place: tuple[str, str], offsets: Sequence[int]
) -> tuple[Mapping[str, Any] | None, str]:
    try:
        return await repairs.retry(settings, *place, offsets), ""
    except UNANSWERED as error:
        return None, _code(error)


async def _look(
    connection: Connection, repairs: Repairs, settings: Settings, recipient: str, municipality: str
) -> None:
    try:
        found = await repairs.look(settings, recipient, municipality)
    except UNANSWERED as error:
        await connection.execute(SQL["miss_parked"], recipient, municipality, _code(error))
        return
    await connection.execute(SQL["keep_parked"], recipient, municipality, json.dumps([_masked(one) for one in found]))


def _masked(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the pages need of a record: of its subject, a pseudonym, the beginning alone."""
    kept = {name: told[name] for name in ("offset", "code", "failure", "since", "behind", "residents")}
    return {**kept, "subject": str(told.get("subject", ""))[:SHOWN_OF_A_SUBJECT]}


def _code(error: BaseException) -> str:
    return error.code if isinstance(error, Refusal) else "KRN-DATABASE"
