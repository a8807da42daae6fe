"""The latest survey, taken again and again; when servers do not answer, the last one is kept with what went wrong."""

from dataclasses import dataclass

import structlog
from asyncpg import InterfaceError, InternalClientError, PostgresError

from hub.watch.survey import Survey, Surveyor
from infra.runtime.log import Logger
from infra.runtime.postgres import describe
from infra.runtime.refusals import Refusal
from infra.runtime.service import Stop, pause
from topics.broker import BrokerError

UNANSWERED = (BrokerError, Refusal, PostgresError, InterfaceError, InternalClientError, OSError)


@dataclass(slots=True)
class Latest:
    """What was seen last, and why nothing newer was: `failure` is empty while everything answers."""

    survey: Survey | None = None
    failure: str = ""
    failures: int = 0

    async def keep(self, surveyor: Surveyor, seconds: float, stop: Stop) -> None:
        """Survey every `seconds` until `stop`."""
        log: Logger = structlog.get_logger()
        while not stop.is_set():
            await self.look(surveyor, log)
            await pause(stop, seconds)

    async def look(self, surveyor: Surveyor, log: Logger) -> None:
        """Survey once."""
        try:
            self.survey = await surveyor.survey()
            self.failure = ""
        except UNANSWERED as error:
            self.failures += 1
            self.failure = str(error) if isinstance(error, BrokerError | Refusal) else describe(error)
            log.warning("the watch sees nothing", code="WATCH-UNANSWERED", error=error)
