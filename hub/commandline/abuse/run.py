"""All abuse cases, one after the other, each judged: refused for a reason, and nothing planted repeated anywhere."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from httpx import TransportError

from hub.commandline.abuse.administration import ADMINISTRATION
from hub.commandline.abuse.case import NOT_REFUSED, Attempt, Case, NotTriableError, repeats_planted
from hub.commandline.abuse.channel import CHANNEL
from hub.commandline.abuse.databases import DATABASES
from hub.commandline.abuse.envelopes import ENVELOPES
from hub.commandline.abuse.evidence import ServerLogs
from hub.commandline.abuse.history import HISTORY
from hub.commandline.abuse.inputs import INPUTS
from hub.commandline.abuse.institutions import INSTITUTIONS
from hub.commandline.abuse.look_ups import LOOK_UPS
from hub.commandline.abuse.names import NAMES
from hub.commandline.abuse.operations import OPERATIONS
from hub.commandline.abuse.records import RECORDS
from hub.commandline.abuse.revocation import REVOCATION, NotReadingError
from hub.commandline.abuse.rights import RIGHTS
from hub.commandline.abuse.sessions import SESSIONS
from hub.commandline.abuse.shown import SHOWN
from infra.runtime.postgres import DATABASE_ERRORS, describe
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from topics.broker import BrokerError

_ALL = (
    *RIGHTS,
    *ADMINISTRATION,
    *CHANNEL,
    *REVOCATION,
    *ENVELOPES,
    *INPUTS,
    *NAMES,
    *RECORDS,
    *DATABASES,
    *LOOK_UPS,
    *HISTORY,
    *OPERATIONS,
    *SESSIONS,
    *SHOWN,
    *INSTITUTIONS,
)
CASES = tuple(sorted(_ALL, key=lambda case: case.number))
CASE_SECONDS = 60.0
UNEXPECTED = (
    Refusal, BrokerError, KafkaError, NotReadingError, *DATABASE_ERRORS, TransportError, OSError, EOFError,
)  # fmt: skip
"""What stands in an attempt's way without being the refusal that is to be shown."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A case and what came of it."""

    case: Case
    attempt: Attempt

    def to_json(self) -> dict[str, object]:
        """The case in the fixed form that scripts depend on."""
        attempt = self.attempt
        return {
            "case": self.case.number, "title": self.case.title, "refused": attempt.refused, "cause": attempt.cause
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Untried:
    """A case that cannot be tried on this deployment from here, and why."""

    case: Case
    why: str


@dataclass(frozen=True, slots=True)
class Drill:
    """What came of all cases."""

    tried: tuple[Tried, ...]
    untried: tuple[Untried, ...] = ()

    @property
    def refused(self) -> int:
        """How many of the cases tried were refused."""
        return sum(tried.attempt.refused for tried in self.tried)

    @property
    def good(self) -> bool:
        """Whether something was tried, and all of it refused."""
        return 0 < len(self.tried) == self.refused

    def to_json(self) -> dict[str, object]:
        """The drill in the fixed form that scripts depend on; `untried` is there only where something is."""
        told: dict[str, object] = {
            "tried": len(self.tried),
            "refused": self.refused,
            "cases": [tried.to_json() for tried in self.tried],
        }
        left = [{"case": one.case.number, "title": one.case.title, "why": one.why} for one in self.untried]
        return {**told, "untried": left} if left else told


async def run_drill(
    settings: Settings, cases: Sequence[Case] = CASES, begin: Callable[[Case], None] = lambda _: None
) -> Drill:
    """Try `cases` on a deployment that is prepared; `begin` is told of each."""
    tried, untried = [], []
    for case in cases:
        begin(case)
        try:
            tried.append(Tried(case, await judged(settings, case)))
        except NotTriableError as why:
            untried.append(Untried(case, str(why)))
    return Drill(tuple(tried), tuple(untried))


async def judged(settings: Settings, case: Case) -> Attempt:
    """What came of one case; raises `NotTriableError`."""
    logs = ServerLogs(settings)
    try:
        async with asyncio.timeout(CASE_SECONDS):
            attempt = await case.attempt(settings)
    except UNEXPECTED as error:
        return Attempt(refused=False, cause=f"{NOT_REFUSED}: the attempt itself failed by {describe(error)}")
    if repeats_planted(attempt.cause) or repeats_planted(logs.appended()):
        return Attempt(refused=False, cause="refused, but what was planted is repeated by the refusal or a log")
    return attempt if attempt.cause else Attempt(refused=False, cause=f"{NOT_REFUSED} for any reason")


def selected(*numbers: int) -> tuple[Case, ...]:
    """The cases of these numbers."""
    return tuple(case for case in CASES if case.number in numbers)
