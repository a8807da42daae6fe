"""I10: what a recipient may not know does not show in what it gets. The same city lives twice, one withheld item apart.

Pseudonyms, link numbers and group numbers are random or differ by topic, so records are compared up to a renaming of
these by the order in which they first appear; times are left out.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic_core import from_json, to_json

from consumers.welfare.cases import place
from infra.check.segments import Stored, segments, stored_records
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.settings import Settings
from producers.register.filings import Filing, parse_filing
from producers.register.registrar import Registrar
from producers.register.standing import some_residents
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import load_city
from tests.environments import named
from tests.path.deployment import Deployment, deployed, with_day_windows
from tests.sealing import opened_records
from topics.catalogue import out_topic
from topics.check_digits import my_number_digit, resident_code_digit
from topics.declared import declared_by_recipient, declared_grants
from topics.envelope.opening import take_apart
from topics.envelope.places import delivery_terms
from topics.grant import Grant
from topics.messages.headers import ID, TIME

CITY = "142158"
DAY = "2026-06-01"
SEED, RESIDENTS, CHANGES, HANDLED = 11, 12, 40, 5
HOME = {"text": "海老名市中央一丁目5番5号", "municipality": CITY, "postal_code": "2430432", "town_code": "00001"}
NEXT_HOME = {"text": "海老名市中央二丁目6番6号", "municipality": CITY, "postal_code": "2430432", "town_code": "00001"}
AWAY, NEXT = ({"text": "合成市本町1番1号", "municipality": code} for code in ("132098", "271004"))
ORIGIN, DESTINATION = "move-in-notice-132098", "move-out-certificate-271004"
"""The municipality that the couple comes from, and the one that it announces to go to."""


def _my_number(body: str) -> str:
    return body + my_number_digit(body)


def _resident_code(body: str) -> str:
    return body + resident_code_digit(body)


@dataclass(frozen=True)
class Story:
    """What is told of a couple that moves in and is about to leave; a remark is filed and annulled, or neither."""

    my_number: str = _my_number("31415926535")
    later_number: str = _my_number("27182818284")
    resident_code: str = _resident_code("1618033988")
    nationality: str = "合成国甲"
    residence_card: str = "AB12345678CD"
    residence_status: str = "合成資格甲"
    domicile: str = "合成県架空郡甲村1番地"
    remark: str | None = None


VARIATIONS: dict[str, tuple[Story, set[str]]] = {
    "another My Number": (Story(my_number=_my_number("31415926536")), {"prefecture", "jlis", DESTINATION}),
    "another My Number entered later": (
        Story(later_number=_my_number("16180339887")),
        {"prefecture", "jlis", DESTINATION},
    ),
    "another resident code": (
        Story(resident_code=_resident_code("1618033989")),
        {"prefecture", "jlis", ORIGIN, DESTINATION},
    ),
    "another nationality": (Story(nationality="合成国乙の長い名"), {"intermediate", DESTINATION}),
    "another residence card": (Story(residence_card="ZY87654321XW"), {"welfare", DESTINATION}),
    "another residence status": (Story(residence_status="合成資格乙の長い名"), {DESTINATION}),
    "another domicile": (Story(domicile="合成県架空郡乙村の長い名の丘2番地"), {DESTINATION}),
    "a remark that was not there": (Story(remark="合成備考"), set()),
}
"""What is told differently, and who may know it."""
FEW = {"numbering", ORIGIN, DESTINATION}
"""Who hears of hardly anybody: of newborns and of some from abroad, or of the couple alone."""
NOBODY = {"move-in-notice-271004", "move-out-certificate-132098"}
"""Who hears of nobody."""


@dataclass(frozen=True, order=True)
class Seen:
    """One record as its recipient can compare it: sizes, and contents under renamed pseudonyms."""

    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    sizes: tuple[int, ...]


Streams = dict[str, list[Seen]]


@pytest.fixture(scope="module")
def told_first(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Streams:
    """What everybody got when the story was told for the first time."""
    settings = with_day_windows(named(cluster, "first"), tmp_path_factory.mktemp("first"))
    return asyncio.run(_told(settings, Story()))


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Also with windows that no hour ends."""
    return with_day_windows(settings, tmp_path)


async def test_the_same_story_is_the_same_to_everybody(told_first: Streams, settings: Settings) -> None:
    """Else equal streams would be chance."""
    assert all(
        len(stream) > (0 if name in FEW else HANDLED) for name, stream in told_first.items() if name not in NOBODY
    )
    assert {name for name, stream in told_first.items() if not stream} == NOBODY
    assert await _told(settings, Story()) == told_first


@pytest.mark.parametrize("variation", VARIATIONS)
async def test_what_is_withheld_does_not_show(told_first: Streams, settings: Settings, variation: str) -> None:
    story, entitled = VARIATIONS[variation]
    told = await _told(settings, story)
    assert {recipient for recipient in told if told[recipient] != told_first[recipient]} == entitled


def test_the_least_difference_shows(told_first: Streams) -> None:
    """A byte, a size, the order of keys, a header, one record more or less."""
    for stream in filter(None, told_first.values()):
        first, second, *others = stream
        for altered in (
            [replace(first, value=first.value.replace(b"1", b"2", 1)), second, *others],
            [replace(first, sizes=(first.sizes[0] + 1, *first.sizes[1:])), second, *others],
            [replace(first, headers=first.headers[1:]), second, *others],
            [second, first, *others],
            stream[:-1],
        ):
            assert altered != stream


async def _told(settings: Settings, story: Story) -> Streams:
    """The streams of a deployment in which the story is told amid the city's life; at rest between the steps."""
    deployment = await deployed(settings)
    try:
        await _live_through(deployment, story)
        return {grant.recipient: _stream(settings, grant) for grant in declared_grants()}
    finally:
        deployment.supervisor.stop()


async def _live_through(deployment: Deployment, story: Story) -> None:
    settings = deployment.settings
    deployment.cities[CITY] = SyntheticCity(SEED, CITY, RESIDENTS)
    async with Registrar.open(settings, CITY) as registrar:
        await load_city(registrar, deployment.cities[CITY])
        await deployment.settle()
        await _handle(deployment, await some_residents(settings, CITY, HANDLED))
        couple = await _registered(registrar, _moved_in(story))
        await deployment.settle()
        await _handle(deployment, couple)
        await deployment.live(CHANGES)
        for filing in _later(story, couple):
            await _registered(registrar, filing)
        await _remark(registrar, story, couple[0])
        await _registered(registrar, _filing("move-out-announced", residents=couple, to=NEXT))
        await deployment.live(CHANGES)
        await _registered(registrar, _filing("death", resident=couple[0]))
    await deployment.settle()


async def _handle(deployment: Deployment, addressee_numbers: Sequence[str]) -> None:
    await place(deployment.settings, CITY, addressee_numbers)
    await deployment.settle()


async def _registered(registrar: Registrar, filing: Filing) -> tuple[str, ...]:
    outcome = (await registrar.register([filing]))[0]
    assert outcome.result == "registered", outcome.code
    return outcome.residents


async def _remark(registrar: Registrar, story: Story, resident: str) -> None:
    if story.remark is not None:
        remark = _filing("ex-officio-correction", resident=resident, remarks=story.remark)
        await _registered(registrar, remark)
        await _registered(registrar, _filing("annulment", annuls=str(remark.filing_id)))


def _moved_in(story: Story) -> Filing:
    """One who is Japanese with numbers, one foreign who is numbered later."""
    native = {"my_number": story.my_number, "resident_code": story.resident_code}
    status = {
        "since": DAY,
        "nationality": story.nationality,
        "article_30_45_class": "1",
        "residence_card_number": story.residence_card,
        "residence_status": story.residence_status,
    }
    head = _person("世帯主", "合成　一郎", registered_domicile=story.domicile, domicile_head="合成　一郎", **native)
    spouse = _person("妻", "GOSEI HANA", resident_class="foreign", foreign=status)
    return _filing("move-in-domestic", origin=AWAY, address=HOME, persons=[head, spouse])


def _later(story: Story, couple: Sequence[str]) -> Iterator[Filing]:
    code = _resident_code("2718281828")
    related = zip(couple, ("世帯主", "妻"), strict=True)
    places = [{"addressee_number": number, "relationship": relationship} for number, relationship in related]
    yield _filing("number-entry", resident=couple[1], my_number=story.later_number, resident_code=code)
    yield _filing("move-within", places=places, address=NEXT_HOME)
    yield _filing("ex-officio-correction", resident=couple[0], birth_date="1970-01-02", refers_to=1)


def _person(relationship: str, name: str, **items: Any) -> dict[str, Any]:
    told = {"name": {"text": name, "kana": "ごうせい"}, "birth_date": "1970-01-01", "sex": "1"}
    return told | {"relationship": relationship} | items


def _filing(kind: str, **items: Any) -> Filing:
    common = {"filing_id": str(uuid4()), "operator": "synthetic-1", "filed_on": DAY, "changed_on": DAY}
    return parse_filing(to_json({**common, "kind": kind, **items}))


def _stream(settings: Settings, grant: Grant) -> list[Seen]:
    records, contents = _records(settings, grant.recipient), _contents(settings, grant)
    if grant.timing is not None:
        return sorted(_seen_in_windows(records, contents))
    return list(_seen(records, contents, len(settings.environment)))


def _records(settings: Settings, recipient: str) -> Iterator[Stored]:
    grant = declared_by_recipient()[recipient]
    for file in segments(settings.state_directory, out_topic(settings.environment, grant)):
        yield from stored_records(file.read_bytes())


def _contents(settings: Settings, grant: Grant) -> Iterator[bytes]:
    return opened_records(settings, delivery_terms(settings.environment, grant, CITY))


def _seen(records: Iterator[Stored], contents: Iterator[bytes], prefix: int) -> Iterator[Seen]:
    """The records with their contents opened and pseudonyms named by first appearance; sizes are those sealed, less
    the length of this deployment's name, which stands on each envelope within the topic's."""
    names: dict[bytes, bytes] = {}
    serial = count(1)
    for record, content in zip(records, contents, strict=True):
        for name in _pseudonyms(record, content):
            names[name] = names.get(name) or b"<%d>" % next(serial)
        sizes = (len(record.key), len(record.value) - prefix, *(len(value) for _, value in record.headers))
        headers = tuple((name, b"" if name == TIME else value) for name, value in record.headers)
        yield Seen(names[record.key], _renamed(record, content, names), headers, sizes)


def _seen_in_windows(records: Iterator[Stored], contents: Iterator[bytes]) -> Iterator[Seen]:
    """The same where the order is one of chance: without what that decides, the number and who stands first."""
    for record, content in zip(records, contents, strict=True):
        names = dict.fromkeys(_pseudonyms(record, content), b"<person>")
        told = from_json(_renamed(record, content, names)) | {"number": 0}
        sizes = (len(record.key), len(take_apart(record.value).sealed))
        headers = tuple((name, b"" if name in (TIME, ID) else value) for name, value in record.headers)
        yield Seen(names[record.key], to_json(told), headers, sizes)


def _pseudonyms(record: Stored, content: bytes) -> Iterator[bytes]:
    """Whatever stands for a person or a filing, by random or under a key."""
    told = from_json(content)
    yield record.key
    yield from (found.encode() for found in (told.get("link_number"), (told.get("group") or {}).get("id")) if found)


def _renamed(record: Stored, content: bytes, names: dict[bytes, bytes]) -> bytes:
    value = content
    for name in _pseudonyms(record, content):
        value = value.replace(name, names[name])
    registered_at = from_json(content)["items"].get("timestamp", "").encode()
    return value.replace(registered_at, b"<time>") if registered_at else value
