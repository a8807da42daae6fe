"""Two walls, each of which holds alone: without rules on the broker nobody opens more; with all keys nobody reads more.

The broker without rules is made here, by leaving settings out of those that are shipped: no setting, command or
argument of the program can do it.
"""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from consumers.institution.asking import ask, new_inquiry
from hub.commandline.abuse.link import fetch, first_address, leader_of, told
from hub.commandline.deployment import desired_now, grants_now, institutions_now, principal_names
from infra.embedded.broker import EmbeddedBroker
from infra.embedded.broker_properties import Node
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.processes import stop
from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings, load_settings
from infra.runtime.tls import client_context
from producers.register.access import Occasion
from producers.register.confirmation.asking import confirm
from tests.path.deployment import Deployment, deployed
from tests.path.keys import Lying, privates_here
from tests.path.refusing import refused_by_prefecture
from topics.catalogue import (
    ADMIN,
    ANALYSIS,
    HUB,
    REGISTER,
    access_topic,
    access_windows_topic,
    answer_topic,
    change_topic,
    confirm_topic,
    confirmation_topic,
    forward_topic,
    in_topic,
    inquiry_topic,
    out_topic,
    register_topic,
)
from topics.envelope.opening import take_apart
from topics.guarded import LinkCode
from topics.inquiries import Permission, permissions
from topics.institutions import INTERMEDIATE
from topics.messages.confirmation import FourItems
from topics.national import NATIONAL
from topics.partitions import partition_of

RESIDENTS, CHANGES = 60, 60
STOP_SECONDS = 20.0
OCCASION = Occasion("counter-1", "合成: move-in at the counter", "c-1")
RULES = ("authorizer.class.name", "allow.everyone.if.no.acl.found", "super.users")
REFUSED = "TOPIC_AUTHORIZATION_FAILED (29)"


class BrokerWithoutRules(EmbeddedBroker):
    """Asks who is there, and lets everybody do everything, once `has_rules` is taken away."""

    has_rules = True

    def properties(self, node: Node) -> dict[str, str]:
        told = super().properties(node)
        return {name: value for name, value in told.items() if self.has_rules or name not in RULES}

    def restart(self, *, has_rules: bool) -> None:
        """The same records on the same disk, with the rules or without them."""
        self.has_rules = has_rules
        stop(self.processes[0], by=signal.SIGTERM, seconds=STOP_SECONDS)
        self.restart_node(0)
        self.wait()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, BrokerWithoutRules]]:
    """A city that has lived, on servers of its own; nothing but the broker runs any more."""
    settings = load_settings(state_directory=Path(tmp_path_factory.mktemp("walls")))
    with EmbeddedCluster(settings, principal_names(settings), temporary=True, broker=BrokerWithoutRules) as cluster:
        assert isinstance(cluster.broker, BrokerWithoutRules)
        asyncio.run(_live(cluster.settings))
        yield cluster.settings, cluster.broker


async def _live(settings: Settings) -> None:
    deployment: Deployment = await deployed(settings)
    try:
        await deployment.load(RESIDENTS)
        await deployment.settle()
        async with refused_by_prefecture(settings):
            await deployment.live(CHANGES)
            await deployment.settle()
        await asyncio.gather(*(_ask(settings, permission) for permission in permissions()))
        nobody = FourItems(name="合成　無名", address="合成町", birth_date="1980-01-01", sex="1")
        await confirm(settings, KeyRing(settings), settings.municipalities[0], nobody, OCCASION, seconds=30)
    finally:
        deployment.supervisor.stop()


async def _ask(settings: Settings, permission: Permission) -> None:
    """Each institution asks about nobody, and is answered that."""
    own = (permission.institution, settings.municipalities[0], permission.purpose)
    question = new_inquiry(*own, permission.items, LinkCode("a" * 26))
    await ask(settings, KeyRing(settings), [question], seconds=30)


async def test_without_rules_everybody_is_handed_everything_and_opens_its_own(
    city: tuple[Settings, BrokerWithoutRules],
) -> None:
    settings, broker = city
    broker.restart(has_rules=False)
    readable, idle = _readable(settings), _idle(settings)
    for principal in principal_names(settings):
        privates, handed = privates_here(settings, principal), await _fetched(settings, principal)
        for topic, records in handed.items():
            assert records or topic in idle, f"{principal} was handed nothing of {topic}"
            opened = sum(record.opened_with(privates) is not None for record in records)
            assert opened == (len(records) if topic in readable.get(principal, ()) else 0), (principal, topic)


def _idle(settings: Settings) -> set[str]:
    """The topics of other municipalities, from and to which nobody moves here."""
    environment, grants = settings.environment, [grant for grant in grants_now(settings) if grant.counterparty]
    return {name for g in grants for name in (out_topic(environment, g), in_topic(environment, g.recipient))}


def _topics(settings: Settings) -> list[str]:
    return [topic.name for topic in desired_now(settings).topics]


def _readable(settings: Settings) -> dict[str, set[str]]:
    """Each principal's own topics: what the hub is sent, what it brings the register, each recipient's deliveries,
    each institution's answers, and what passes between prefecture, national role and the city's office."""
    grants, environment = grants_now(settings), settings.environment
    recipients = {grant.recipient: {out_topic(environment, grant)} for grant in grants}
    to_hub = {change_topic(environment), *(in_topic(environment, name) for name in recipients)}
    asking = institutions_now(settings)
    recipients[INTERMEDIATE] |= {inquiry_topic(environment, institution) for institution in asking}
    recipients |= {institution: {answer_topic(environment, institution)} for institution in asking}
    recipients[NATIONAL] |= {forward_topic(environment), confirm_topic(environment)}
    register = {register_topic(environment), confirmation_topic(environment)}
    analysis = {access_topic(environment), access_windows_topic(environment)}
    return {HUB: to_hub, REGISTER: register, ANALYSIS: analysis, **recipients}


async def _fetched(settings: Settings, principal: str) -> dict[str, list[Lying]]:
    """Everything that a principal is handed, by topic; but for the analysis's own windows, which are no envelopes."""
    topics = [topic for topic in _topics(settings) if topic != access_windows_topic(settings.environment)]
    places = [TopicPartition(topic, partition_of(settings.municipalities[0])) for topic in topics]
    client = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        security_protocol="SSL",
        ssl_context=client_context(settings, principal),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    handed: dict[str, list[Lying]] = {place.topic: [] for place in places}
    await client.start()
    try:
        client.assign(places)
        ends = await client.end_offsets(places)
        await client.seek_to_beginning(*places)
        while any([await client.position(place) < ends[place] for place in places]):
            for place, records in (await client.getmany(timeout_ms=500)).items():
                handed[place.topic] += [Lying(take_apart(record.value)) for record in records]
    finally:
        await client.stop()
    return handed


async def test_with_the_rules_back_nobody_reads_more_though_all_keys_are_at_hand(
    city: tuple[Settings, BrokerWithoutRules],
) -> None:
    settings, broker = city
    broker.restart(has_rules=True)
    assert {name for name, _ in _everybodys(settings)} == set(_readable(settings))
    lane, address = partition_of(settings.municipalities[0]), first_address(settings)
    for topic in _topics(settings):
        assert await leader_of(settings, ADMIN, topic, lane) == address
    for principal, own in _readable(settings).items():
        said = {topic: await told(settings, principal, fetch(topic, lane), address) for topic in _topics(settings)}
        assert said == {topic: "" if topic in own else REFUSED for topic in _topics(settings)}


def _everybodys(settings: Settings) -> list[tuple[str, int]]:
    """Who has private seal keys on this machine, and how many."""
    held = ((name, len(privates_here(settings, name))) for name in principal_names(settings))
    return [(name, count) for name, count in held if count]
