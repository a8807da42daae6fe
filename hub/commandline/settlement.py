"""Whether everything has arrived: register, hub and recipients side by side, municipality by municipality."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from consumers.kit.counts import Counts, counts, last_messages
from hub.commandline.deployment import grants_now
from hub.watch.counts import HubStanding, hub_standing
from hub.windows.flush import flush
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.inbox.progress import last_taken
from producers.register.standing import last_position

POLL_SECONDS = 0.2
STANDSTILL_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Standing:
    """One recipient over all municipalities: deliveries made, applied by it, held by it now, and rejected by
    it: parked now, or given up."""

    delivered: int
    applied: int
    held: int
    rejected: int

    def to_json(self) -> dict[str, int]:
        """The standing for programs."""
        return asdict(self)


async def recipients_standing(settings: Settings) -> dict[str, Standing]:
    """Every recipient's standing."""
    hubs = [await hub_standing(settings, municipality) for municipality in settings.municipalities]
    told = {grant.recipient: await counts(settings, grant.recipient) for grant in grants_now(settings)}
    return {name: _standing(name, count, hubs) for name, count in told.items()}


async def wait_until_settled(settings: Settings, check_alive: Callable[[], None]) -> None:
    """Wait until every change is applied everywhere and every message taken in; windows are flushed, not waited for.
    A message that was taken in last may have made a change: so the register is looked at again.

    `check_alive` raises when a process has ended; raises `Refusal` after two minutes in which nothing moves.
    """
    seen: list[object] = []
    moved = time.monotonic()
    while True:
        check_alive()
        hubs = {municipality: await hub_standing(settings, municipality) for municipality in settings.municipalities}
        pending = await _unrouted(settings, hubs)
        if not pending:
            await _flush(settings, hubs)
            pending = await _undelivered(settings, hubs) or await _unrouted(settings, hubs)
        if not pending:
            return
        if pending != seen:
            seen, moved = pending, time.monotonic()
        elif time.monotonic() - moved > STANDSTILL_SECONDS:
            raise Refusal("KRN-STANDSTILL", f"nothing moves any more; waiting for {', '.join(map(str, pending))}")
        await asyncio.sleep(POLL_SECONDS)


async def _unrouted(settings: Settings, hubs: Mapping[str, HubStanding]) -> list[object]:
    behind = {city: await last_position(settings, city) - hub.next_position + 1 for city, hub in hubs.items()}
    return [f"{changes} changes of {city}" for city, changes in behind.items() if changes]


async def _flush(settings: Settings, hubs: Mapping[str, HubStanding]) -> None:
    if any(recipient.waiting for hub in hubs.values() for recipient in hub.recipients.values()):
        await flush(settings)


async def _undelivered(settings: Settings, hubs: Mapping[str, HubStanding]) -> list[object]:
    """What is still under way behind the router, in words and counts."""
    pending: list[object] = []
    for grant in grants_now(settings):
        name = grant.recipient
        waiting = sum(hub.recipients[name].waiting for hub in hubs.values() if name in hub.recipients)
        pending += [f"{waiting} changes that wait for a window of {name}"] if waiting else []
        asked = sum(hub.recipients[name].redeliveries for hub in hubs.values() if name in hub.recipients)
        pending += [f"{asked} states that {name} is to be told anew"] if asked else []
        standing = _standing(name, await counts(settings, name), list(hubs.values()))
        unapplied = standing.delivered - standing.applied - standing.held - standing.rejected
        sent = await last_messages(settings, name)
        untaken = sum(sent.get(city, 0) - hub.next_messages.get(name, 1) + 1 for city, hub in hubs.items())
        pending += [f"{unapplied} deliveries and {untaken} messages of {name}"] if unapplied or untaken else []
    for city, hub in hubs.items():
        untaken = hub.last_for_register - await last_taken(settings, city)
        pending += [f"{untaken} messages to the register of {city}"] if untaken else []
    return pending


def _standing(name: str, counted: Counts, hubs: list[HubStanding]) -> Standing:
    delivered = sum(hub.recipients[name].last_number for hub in hubs if name in hub.recipients)
    return Standing(delivered, counted.applied, counted.held, counted.parked - counted.strays + counted.given_up)
