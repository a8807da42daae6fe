"""How far a key reaches: the last number of every place where it may have been used, and what of that was taken in.

A place is one municipality's part of a topic. Read after the key's line was written as retiring, the last numbers are
never short: whoever seals or signs looks the register up for every record, so what is under the key has a number that
is committed already, or that a transaction under way is about to commit; and that one is waited for.
"""

from collections.abc import Iterable

from consumers.jlis.tier.service import last_registered
from consumers.kit.counts import first_untaken, last_signed
from consumers.prefecture.forward_sending import last_forwarded
from hub.commandline.deployment import grants_now
from hub.keys.generations import generations, last_for_register
from hub.watch.access.store import open_store
from hub.watch.counts import hub_standing
from infra.runtime.settings import Settings
from producers.register.inbox.progress import last_taken as last_taken_by_register
from producers.register.standing import last_access_number, last_position
from topics.catalogue import (
    ANALYSIS,
    HUB,
    REGISTER,
    access_topic,
    change_topic,
    forward_topic,
    generation_topic,
    in_topic,
    register_topic,
)
from topics.declared import declared_by_recipient
from topics.envelope.keys import PublicKey, place
from topics.national import NATIONAL, PREFECTURE, has_tiers

Reach = dict[str, int]
"""Numbers by place."""


async def last_given(settings: Settings, line: PublicKey) -> Reach:
    """The last number of every place where the key may have been used."""
    reach: Reach = {}
    parties = {grant.recipient for grant in grants_now(settings)}
    if line.used_between(PREFECTURE, NATIONAL) and has_tiers(grants_now(settings)):
        reach |= _forward_places(settings, await last_forwarded(settings))
    for city in settings.municipalities:
        if line.used_between(REGISTER, HUB):
            reach[place(change_topic(settings.environment), city)] = await last_position(settings, city)
        if line.used_between(REGISTER, ANALYSIS):
            reach[place(access_topic(settings.environment), city)] = await last_access_number(settings, city)
        if line.used_between(HUB, REGISTER):
            reach[place(register_topic(settings.environment), city)] = await last_for_register(settings, city)
        for one in await generations(settings, city):
            parties.add(one.recipient)
            if line.used_between(HUB, one.recipient):
                topic = generation_topic(settings.environment, one.recipient, one.generation)
                reach[place(topic, city)] = one.last_number
    return reach | await _messages(settings, [party for party in sorted(parties) if line.used_between(party, HUB)])


async def _messages(settings: Settings, parties: Iterable[str]) -> Reach:
    declared = declared_by_recipient(settings.grants_directory)
    return {
        place(in_topic(settings.environment, party), city): last
        for party in parties
        if party in declared
        for city, last in (await last_signed(settings, party)).items()
    }


async def last_taken(settings: Settings, line: PublicKey) -> Reach:
    """Up to which number each place was taken in, for a seal key and where something is still read."""
    if not line.seals:
        return {}
    if line.principal == HUB:
        return await _taken_by_hub(settings)
    if line.principal == REGISTER:
        return await _taken_by_register(settings)
    if line.principal == ANALYSIS:
        return await _taken_by_analysis(settings)
    taken = await _taken_by_recipient(settings, line.principal)
    if line.principal == NATIONAL and has_tiers(grants_now(settings)):
        taken |= _forward_places(settings, await last_registered(settings))
    return taken


def _forward_places(settings: Settings, numbers: Reach) -> Reach:
    return {place(forward_topic(settings.environment), city): number for city, number in numbers.items()}


async def _taken_by_analysis(settings: Settings) -> Reach:
    taken: Reach = {}
    for city in settings.municipalities:
        store = await open_store(settings, city)
        taken[place(access_topic(settings.environment), city)] = await store.taken()
        await store.close()
    return taken


async def _taken_by_hub(settings: Settings) -> Reach:
    taken: Reach = {}
    for city in settings.municipalities:
        standing = await hub_standing(settings, city)
        taken[place(change_topic(settings.environment), city)] = standing.next_position - 1
        for grant in grants_now(settings):
            topic = in_topic(settings.environment, grant.recipient)
            taken[place(topic, city)] = standing.next_messages.get(grant.recipient, 1) - 1
    return taken


async def _taken_by_register(settings: Settings) -> Reach:
    topic = register_topic(settings.environment)
    return {place(topic, city): await last_taken_by_register(settings, city) for city in settings.municipalities}


async def _taken_by_recipient(settings: Settings, recipient: str) -> Reach:
    """What the recipient has acknowledged, and beneath that misses nothing."""
    read = [
        (city, one)
        for city in settings.municipalities
        for one in await generations(settings, city)
        if one.recipient == recipient and not one.is_revoked
    ]
    untaken = await first_untaken(settings, recipient) if read else {}
    return {
        place(generation_topic(settings.environment, recipient, one.generation), city): min(
            one.acknowledged, untaken.get((city, one.generation), 1) - 1
        )
        for city, one in read
    }
