"""Nobody gets more than the grant: every record opened, item by item, and the raw segments searched."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic_core import from_json

from hub.commandline.deployment import broker, desired_now, grants_now
from infra.check.sources import Register, read_register, read_subjects
from infra.check.topic_reader import topic_reader
from infra.check.verify import auditor_rights
from infra.runtime.kafka import producer
from infra.runtime.settings import Settings
from tests.path.deployment import Deployment, deployed
from tests.path.segments import readable_bytes
from tests.sealing import opened_records
from topics.catalogue import change_topic, out_topic
from topics.declared import declared_by_recipient
from topics.envelope.places import change_terms, delivery_terms
from topics.grant import Grant
from topics.items.resident import RESIDENT_FILE
from topics.partitions import partition_of

WELFARE_ITEMS = {*range(1, 18), 23, 24, 25, 27, 28}
LINKAGE_IDENTIFIERS = {"addressee_number", "resident_code", "my_number", "household_number"}


@pytest.fixture
def readable(lived: Deployment) -> Iterator[Settings]:
    """The auditor may read while the test runs."""
    rights = auditor_rights(lived.settings, grants_now(lived.settings))
    broker(lived.settings).allow(rights)
    yield lived.settings
    broker(lived.settings).withdraw(rights)


async def test_welfare_gets_its_items_as_the_register_had_them(readable: Settings) -> None:
    permitted = set(RESIDENT_FILE.fields(tuple(sorted(WELFARE_ITEMS))))
    deliveries = await _deliveries(readable, "welfare")
    told = await _told(readable, "welfare")
    assert deliveries
    for delivery in deliveries:
        assert set(delivery["items"]) <= permitted
        assert delivery["items"] in told[delivery["subject"]] or delivery["state"] == "absent"


async def test_intermediate_gets_its_items_under_a_link_number(readable: Settings) -> None:
    register = await read_register(readable, readable.municipalities[0])
    identifying = {*register.numbers.values(), *register.histories}
    deliveries = await _deliveries(readable, "intermediate")
    told = await _told(readable, "intermediate")
    links: dict[str, str] = {}
    for delivery in deliveries:
        assert not LINKAGE_IDENTIFIERS & set(delivery["items"])
        assert delivery["items"] in told[delivery["subject"]]
        assert links.setdefault(delivery["subject"], delivery["link_number"]) == delivery["link_number"]
    assert len(set(links.values())) == len(links)
    assert not identifying & set(links.values())


async def test_changes_name_no_number(readable: Settings) -> None:
    register = await read_register(readable, readable.municipalities[0])
    terms = change_terms(readable.environment, readable.municipalities[0])
    events = [from_json(content) for content in opened_records(readable, terms)]
    assert len(events) == register.changes
    for event in events:
        values = set(_texts(event))
        assert not values & set(register.numbers.values())


async def test_segments_hold_nothing_readable(lived: Deployment) -> None:
    """The search is for every value in the register, on every topic."""
    settings = lived.settings
    register = await read_register(settings, settings.municipalities[0])
    everything = _everything(register)
    assert len(everything) > len(register.numbers) > 0
    for topic in (topic.name for topic in desired_now(settings).topics):
        assert _found(settings, topic, everything) == set()


async def test_keys_are_pseudonyms_that_differ_per_topic(readable: Settings) -> None:
    outward = [out_topic(readable.environment, grant) for grant in grants_now(readable)]
    place = partition_of(readable.municipalities[0])
    async with topic_reader(readable) as reader:
        topics = [change_topic(readable.environment), *outward]
        keys = {topic: {raw.key async for raw in reader.partition(topic, place)} for topic in topics}
    seen = [key for found in keys.values() for key in found]
    assert len(seen) == len(set(seen)) > len(keys)


async def test_a_planted_leak_is_found(settings: Settings) -> None:
    deployment = await deployed(settings)
    try:
        await deployment.load(20)
        await deployment.settle()
        register = await read_register(settings, settings.municipalities[0])
        everything = _everything(register)
        topic = out_topic(settings.environment, _grant("welfare"))
        assert _found(settings, topic, everything) == set()
        leak = sorted(everything)[0]
        async with producer(settings, "hub") as writer:
            await writer.send_and_wait(topic, leak.encode(), partition=partition_of(settings.municipalities[0]))
        assert leak in _found(settings, topic, everything)
        assert not (await deployment.verify()).ok
    finally:
        deployment.supervisor.stop()


async def _deliveries(settings: Settings, recipient: str) -> list[dict[str, Any]]:
    terms = delivery_terms(settings.environment, _grant(recipient), settings.municipalities[0])
    return [from_json(content) for content in opened_records(settings, terms)]


async def _told(settings: Settings, recipient: str) -> Mapping[str, list[dict[str, Any]]]:
    """By subject: what each state in the register's history comes to under the grant."""
    municipality, grant = settings.municipalities[0], _grant(recipient)
    register = await read_register(settings, municipality)
    return {
        subject: [
            {field: version.record[field] for field in grant.fields() if field in version.record}
            for version in register.histories[resident]
            if version.record is not None
        ]
        for subject, resident in (await read_subjects(settings, municipality, grant)).items()
    }


def _found(settings: Settings, topic: str, values: set[str]) -> set[str]:
    """Which of `values` stand anywhere in the topic's segments."""
    octets = readable_bytes(settings.state_directory, topic)
    return {value for value in values if value.encode() in octets}


def _everything(register: Register) -> set[str]:
    """All texts of the register that are long enough not to turn up by chance."""
    records = [v.record for versions in register.histories.values() for v in versions if v.record is not None]
    every = {text for record in records for text in _texts(record)} | set(register.numbers.values())
    return {text for text in every if len(text.encode()) >= 7 and "-" not in text}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)


def _grant(recipient: str) -> Grant:
    return declared_by_recipient()[recipient]
