"""A topic made for one attempt, so that nothing of the deployment is at stake when a refusal does not come."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from hub.commandline.deployment import broker
from infra.runtime.settings import Settings
from topics.catalogue import Acl, Topic, qualified
from topics.plan import Plan


@asynccontextmanager
async def trial_topic(settings: Settings) -> AsyncIterator[str]:
    """A topic of one partition under our names, gone afterwards."""
    name = qualified(settings.environment, f"out.drill-{secrets.token_hex(4)}.v1")
    topic = Topic(name, 1, settings.replication_factor)
    administrator = broker(settings)
    await asyncio.to_thread(administrator.apply, Plan(create_topics=(topic,)))
    try:
        yield name
    finally:
        await asyncio.to_thread(administrator.apply, Plan(delete_topics=(name,)))


@asynccontextmanager
async def lent(settings: Settings, rights: Sequence[Acl]) -> AsyncIterator[None]:
    """Rights that are there for this block alone."""
    administrator = broker(settings)
    await asyncio.to_thread(administrator.allow, rights)
    try:
        yield
    finally:
        await asyncio.to_thread(administrator.withdraw, rights)
