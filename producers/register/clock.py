"""The register's clock: on the announced day, unless a move-in notice came before, the move-out takes effect; a number
request whose reply is overdue is made again.

What is due stands in a table that every registering transaction keeps; the removal and the end of its row are one
transaction, so a clock that is killed, or a second one beside it, removes nobody twice.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import NAMESPACE_OID, uuid5

import structlog

from infra.runtime.log import Logger
from infra.runtime.postgres import DATABASE_ERRORS
from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop, pause
from infra.runtime.settings import Settings
from producers.register.events import JAPAN
from producers.register.filings import MoveOutEffective
from producers.register.number_requests.asking import NO_REPLY, ask_again
from producers.register.registrar import Due, Registrar

OPERATOR = "register-clock"
BATCH_HOUSEHOLDS = 250
LOOK_SECONDS = 60.0
TRANSIENT = (*DATABASE_ERRORS, OSError, Refusal)


@dataclass(frozen=True, slots=True)
class Passed:
    """What a look at the clock brought about: how many were removed, and how many filings each code refused."""

    removed: int
    refused: Mapping[str, int] = field(default_factory=dict)


async def run_due(registrar: Registrar, today: date, batch: int = BATCH_HOUSEHOLDS) -> Passed:
    """Remove whoever is due on `today`, some households in each transaction; what is refused stays due."""
    removed, codes, last = 0, Counter[str](), None
    while due := await registrar.due(today, last, batch):
        outcomes = await registrar.register([_filing(registrar.municipality, each, today) for each in due])
        removed += sum(len(each.residents) for each, o in zip(due, outcomes, strict=True) if o.result == "registered")
        codes.update(outcome.code for outcome in outcomes if outcome.code is not None)
        last = due[-1]
    return Passed(removed, codes)


def _filing(municipality: str, due: Due, today: date) -> MoveOutEffective:
    """The same persons at the same point of their histories are the same filing."""
    persons = [f"{who}/{number}" for who, number in zip(due.residents, due.history_numbers, strict=True)]
    return MoveOutEffective(
        filing_id=uuid5(NAMESPACE_OID, "/".join((municipality, due.due_on.isoformat(), *persons))),
        operator=OPERATOR,
        filed_on=today.isoformat(),
        changed_on=due.due_on.isoformat(),
        residents=tuple(due.residents),
    )


async def run_clock(settings: Settings, stop: Stop) -> None:
    """Run until `stop`, one lane for each municipality; faults are waited out."""
    async with asyncio.TaskGroup() as lanes:
        for municipality in settings.municipalities:
            lanes.create_task(_keep_time(settings, municipality, stop))


async def _keep_time(settings: Settings, municipality: str, stop: Stop) -> None:
    log: Logger = structlog.get_logger().bind(municipality=municipality)
    while not stop.is_set():
        try:
            async with Registrar.open(settings, municipality) as registrar:
                passed = await run_due(registrar, datetime.now(JAPAN).date())
            asked = await ask_again(settings, municipality)
            log.info("the clock was looked at", removed=passed.removed, asked_again=asked.again)
            if asked.stuck:
                log.warning("number requests are stuck", code=NO_REPLY, count=asked.stuck)
            for code, count in passed.refused.items():
                log.warning("a due removal was refused", code=code, count=count)
        except TRANSIENT as error:
            log.warning("the clock starts anew", code="CLOCK-RESTART", error=error)
        await pause(stop, LOOK_SECONDS)
