"""Cases 26 and 27: a right that goes while its holder is reading."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.commandline.abuse.case import NOT_REFUSED, PLANTED_NUMBER, Attempt, Case, Evidence
from hub.commandline.abuse.evidence import ServerLogs, by_authorizer
from hub.commandline.abuse.ground import lent, trial_topic
from hub.commandline.abuse.link import Link, fetch, leader_of, linked, produce, told
from hub.commandline.abuse.strangers import certified
from hub.commandline.deployment import broker
from infra.certificates.expiry import expiries, withdraw_expired
from infra.runtime.settings import Settings
from topics.catalogue import ADMIN, Acl

READER = "drill-reader"
BRIEF = timedelta(seconds=5)
AMPLE = timedelta(days=1)
POLL_SECONDS = 0.05
DEADLINE_SECONDS = 10.0


class NotReadingError(Exception):
    """The reader could not read while it was entitled to: nothing is shown by refusing it afterwards."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A live connection that reads `topic` by the right `rule`; `own` has its certificate."""

    own: Settings
    link: Link
    topic: str
    rule: Acl

    async def reads(self) -> str:
        """The error of one more fetch; empty when it is granted."""
        return await self.link.ask(fetch(self.topic))


@asynccontextmanager
async def reading(settings: Settings, lifetime: timedelta) -> AsyncIterator[Reader]:
    """A reader in the midst of a topic that holds a record; raises `NotReadingError` unless it can read."""
    async with trial_topic(settings) as topic:
        rule = Acl(READER, "READ", "TOPIC", topic)
        address = await leader_of(settings, ADMIN, topic)
        await told(settings, ADMIN, produce(topic, PLANTED_NUMBER.encode()), address)
        async with lent(settings, [rule]):
            with certified(settings, READER, lifetime=lifetime) as own:
                async with linked(own, READER, address) as link:
                    reader = Reader(own, link, topic, rule)
                    await _begin(reader)
                    yield reader


async def _begin(reader: Reader) -> None:
    """A rule is there a moment before every broker goes by it."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while await reader.reads():
        if time.monotonic() > deadline:
            raise NotReadingError
        await asyncio.sleep(POLL_SECONDS)


async def _revoked(settings: Settings) -> Attempt:
    async with reading(settings, AMPLE) as reader:
        logs = ServerLogs(settings)
        await asyncio.to_thread(broker(settings).withdraw, [reader.rule])
        return await _cut_off(reader, logs)


async def _expired(settings: Settings) -> Attempt:
    """The brokers go on serving; the control that looks at certificates does not."""
    async with reading(settings, BRIEF) as reader:
        directory = reader.own.certificates_directory
        await _pass(expiries(directory)[READER])
        if await reader.reads():
            raise NotReadingError
        logs, administrator = ServerLogs(settings), broker(settings)
        await asyncio.to_thread(withdraw_expired, administrator, settings.environment, directory, datetime.now(UTC))
        return await _cut_off(reader, logs)


async def _cut_off(reader: Reader, logs: ServerLogs) -> Attempt:
    """Every broker goes by the withdrawal within moments; who still reads at the deadline was not refused."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (word := await reader.reads()):
        if time.monotonic() > deadline:
            return Attempt(refused=False, cause=NOT_REFUSED)
        await asyncio.sleep(POLL_SECONDS)
    return await by_authorizer(logs, READER, f"Topic:LITERAL:{reader.topic} ", word)


async def _pass(end: datetime) -> None:
    """A certificate's end is a whole second, by the same clock."""
    await asyncio.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds()) + POLL_SECONDS)


REVOCATION = (
    Case(26, "a right is withdrawn while its holder reads", Evidence.AUTHORIZER, _revoked),
    Case(27, "a certificate expires while its holder reads", Evidence.AUTHORIZER, _expired),
)
