"""Nobody gets more than the grant: every record opened, item by item, and the raw segments searched."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic_core import from_json

from hub.commandline.deployment import broker, grants_now
from infra.check.sources import Register, read_register, read_subjects
from infra.check.topic_reader import read_partition
from infra.check.verify import auditor_rights
from infra.runtime.kafka import producer
from infra.runtime.settings import Settings
from tests.path.deployment import Deployment, deployed
from tests.path.segments import readable_bytes
from topics.catalogue import change_topic, out_topic
from topics.declared import declared_by_recipient
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
    place = (change_topic(readable.environment), partition_of(readable.municipalities[0]))
    events = [from_json(raw.value) async for raw in read_partition(readable, *place)]
    assert len(events) == register.changes
    for event in events:
        values = set(_texts(event))
        assert not values & set(register.numbers.values())


@pytest.mark.parametrize("recipient", ["welfare", "intermediate"])
async def test_segments_hold_nothing_withheld(lived: Deployment, recipient: str) -> None:
    """The search is for every value in the register that the recipient may not see."""
    register = await read_register(lived.settings, lived.settings.municipalities[0])
    grant = _grant(recipient)
    withheld = _withheld(register, grant)
    assert len(withheld) > len(register.numbers) > 0
    assert _found(lived.settings, out_topic(lived.settings.environment, grant), withheld) == set()


async def test_change_segments_hold_no_number(lived: Deployment) -> None:
    register = await read_register(lived.settings, lived.settings.municipalities[0])
    topic = change_topic(lived.settings.environment)
    assert _found(lived.settings, topic, set(register.numbers.values())) == set()


async def test_keys_are_pseudonyms_that_differ_per_topic(readable: Settings) -> None:
    keys = {}
    for topic in [
        change_topic(readable.environment),
        *(out_topic(readable.environment, g) for g in grants_now(readable)),
    ]:
        place = partition_of(readable.municipalities[0])
        keys[topic] = {raw.key async for raw in read_partition(readable, topic, place)}
    seen = [key for found in keys.values() for key in found]
    assert len(seen) == len(set(seen)) > len(keys)


async def test_a_planted_leak_is_found(settings: Settings) -> None:
    deployment = await deployed(settings)
    try:
        await deployment.load(20)
        await deployment.settle()
        register = await read_register(settings, settings.municipalities[0])
        withheld = _withheld(register, _grant("welfare"))
        topic = out_topic(settings.environment, _grant("welfare"))
        assert _found(settings, topic, withheld) == set()
        leak = sorted(withheld)[0]
        async with producer(settings, "hub") as writer:
            await writer.send_and_wait(topic, leak.encode(), partition=partition_of(settings.municipalities[0]))
        assert leak in _found(settings, topic, withheld)
        assert not (await deployment.verify()).ok
    finally:
        deployment.supervisor.stop()


async def _deliveries(settings: Settings, recipient: str) -> list[dict[str, Any]]:
    topic = out_topic(settings.environment, _grant(recipient))
    return [
        from_json(raw.value) async for raw in read_partition(settings, topic, partition_of(settings.municipalities[0]))
    ]


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
    text = readable_bytes(settings.state_directory, topic).decode()
    return {value for value in values if value in text}


def _withheld(register: Register, grant: Grant) -> set[str]:
    """Texts of withheld items that stand in no permitted one, and are long enough not to turn up in random hex."""
    records = [v.record for versions in register.histories.values() for v in versions if v.record is not None]
    permitted = {text for record in records for field in grant.fields() for text in _texts(record.get(field))}
    every = {text for record in records for text in _texts(record)} | set(register.numbers.values())
    joined = "\n".join(permitted)
    return {text for text in every - permitted if len(text.encode()) >= 7 and text not in joined and "-" not in text}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)


def _grant(recipient: str) -> Grant:
    return declared_by_recipient()[recipient]
