"""Two colluding institutions on the real pipeline: what each of them reads of its own topic, pooled and attacked."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic_core import from_json

from benchmarks.linkage.attack import Score, Sight, attack
from hub.commandline.deployment import apply_topics, grants_now
from hub.databases import HUB_DATABASE
from hub.watch.counts import Counts, hub_standing
from hub.windows.flush import flush
from infra.certificates.authority import issue_all
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.supervisor import Supervisor
from infra.runtime.key_ring import KeyRing, create_keys
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from infra.runtime.tls import client_context
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.registrar import Registrar
from producers.register.standing import last_position
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import Life, load_city
from tests.polling import until
from topics.catalogue import out_topic
from topics.declared import SHIPPED
from topics.envelope.opening import Envelope, Opener, take_apart
from topics.envelope.places import delivery_terms
from topics.grant import Grant
from topics.messages.headers import ID, TIME
from topics.partitions import partition_of

CITY = "142158"
RESIDENTS, WINDOWS, FILINGS_A_WINDOW = 400, 80, 5
DEADLINE_SECONDS = 60.0
TRIGGERS = [5, 6, 7, 8, 9, 11, 12, 13, 14, 15]
COLLUDING, IN_REAL_TIME = ("institute-a", "institute-b"), ("institute-c", "institute-d")
ITEMS = dict(zip((*COLLUDING, *IN_REAL_TIME), ([17, 24], [25, 26], [17, 24], [25, 26]), strict=True))
DAY = {"window_minutes": 1440, "limit_minutes": 1440}
"""None ends by itself in the midst of the test: each is flushed."""
Bounds = list[dict[str, Counts]]


@dataclass(frozen=True)
class Told:
    """One record as its recipient has it."""

    sight: Sight
    key: bytes
    value: bytes
    headers: Mapping[str, bytes]

    @property
    def envelope(self) -> Envelope:
        """The record taken apart."""
        return take_apart(self.value)


@dataclass(frozen=True)
class Collusion:
    """What each institution was sent, by window, and who stands behind each pseudonym."""

    windows: Mapping[str, list[list[Told]]]
    residents: Mapping[str, str]

    def joined(self, pair: tuple[str, str]) -> Score:
        """How far the pair comes."""
        sides = ([[told.sight for told in window] for window in self.windows[name]] for name in pair)
        theirs = {self.residents[told.sight.person]: told.sight.person for told in self._all(pair[1])}
        same = {told.sight.person: theirs.get(self.residents[told.sight.person], "") for told in self._all(pair[0])}
        return attack(zip(*sides, strict=True), same)

    def of_one_person(self) -> Iterator[tuple[Told, Told]]:
        """The two records of each person in each window of the colluding pair."""
        for one, other in zip(*(self.windows[name] for name in COLLUDING), strict=True):
            theirs = {self.residents[told.sight.person]: told for told in other}
            pairs = ((told, theirs.get(self.residents[told.sight.person])) for told in one)
            yield from ((mine, found) for mine, found in pairs if found is not None)

    def _all(self, name: str) -> Iterator[Told]:
        return (told for window in self.windows[name] for told in window)


@pytest.fixture(scope="module")
def collusion(cluster: EmbeddedCluster, tmp_path_factory: pytest.TempPathFactory) -> Collusion:
    """A small city, eighty windows, two institutions under link numbers and two in real time beside them."""
    settings = cluster.settings.model_copy(update={"environment": "colluding"})
    return asyncio.run(_collude(settings, tmp_path_factory.mktemp("grants")))


def test_within_a_window_they_do_no_better_than_by_chance(collusion: Collusion) -> None:
    score = collusion.joined(COLLUDING)
    assert score.windows >= WINDOWS - 2
    assert score.persons >= 4 * score.windows
    assert score.best[1] <= 1.5 * score.chance, score.best


def test_in_real_time_the_same_attack_joins_nearly_everybody(collusion: Collusion) -> None:
    """Else the attack above would be none."""
    score = collusion.joined(IN_REAL_TIME)
    assert score.best[1] > 0.9


def test_nobody_appears_twice_in_a_window(collusion: Collusion) -> None:
    for name in COLLUDING:
        for window in collusion.windows[name]:
            assert len({told.sight.person for told in window}) == len(window)


def test_all_that_tells_of_time_and_size_is_the_same_for_everybody(collusion: Collusion) -> None:
    records = [told for name in COLLUDING for window in collusion.windows[name] for told in window]
    assert {len(told.envelope.sealed) for told in records} == {2048 + 16}
    assert all(told.headers[TIME].endswith(b":00:00Z") for told in records)
    assert len({told.headers[ID] for told in records}) == len(records)
    fixed = [{name: value for name, value in told.headers.items() if name not in (ID, TIME)} for told in records]
    assert all(headers == fixed[0] for headers in fixed)


def test_two_recipients_records_of_one_change_have_no_byte_string_in_common(collusion: Collusion) -> None:
    """Pseudonyms, link numbers, wrapped keys, signatures, nonces, ciphertexts."""
    compared = 0
    for mine, theirs in collusion.of_one_person():
        assert not _strings(mine) & _strings(theirs)
        compared += 1
    assert compared > WINDOWS


def _strings(told: Told, length: int = 6) -> set[bytes]:
    envelope = told.envelope
    parts = (told.key, told.sight.link.encode(), envelope.signed.run.wrapped_bytes(), envelope.signed.signature,
             envelope.nonce, envelope.sealed)  # fmt: skip
    return {part[start : start + length] for part in parts for start in range(len(part) - length + 1)}


async def _collude(settings: Settings, grants: Path) -> Collusion:
    settings = settings.model_copy(update={"grants_directory": grants})
    await _prepare(settings, grants)
    supervisor = Supervisor(settings)
    supervisor.start(["relay", "hub"])
    try:
        bounds = await _live(settings)
        windows = {grant.recipient: await _read(settings, grant, bounds) for grant in grants_now(settings)}
        return Collusion(windows, await _residents(settings))
    finally:
        supervisor.stop()


async def _prepare(settings: Settings, grants: Path) -> None:
    for name in ITEMS:
        (grants / f"{name}.yaml").write_text(_declaration(name), encoding="utf-8")
    issue_all(settings.certificates_directory, ITEMS)
    create_keys(settings, list(ITEMS))
    await prepare_databases(settings, (REGISTER_DATABASE, NUMBERS_DATABASE, HUB_DATABASE))
    apply_topics(settings)


def _declaration(name: str) -> str:
    """A grant as the intermediate server's, with items of its own; the later two known by items and in real time."""
    raw = yaml.safe_load((SHIPPED / "intermediate.yaml").read_text(encoding="utf-8"))
    scope: dict[str, Any] = {"items": [*TRIGGERS, *ITEMS[name]], "triggers": TRIGGERS, "timing": DAY}
    scope |= {"identifier": "items", "timing": None} if name in IN_REAL_TIME else {}
    raw |= {"recipient": name, "title": f"合成機関 / synthetic {name}", **scope}
    raw["review"]["scope"] |= scope
    return yaml.safe_dump(raw, allow_unicode=True)


async def _live(settings: Settings) -> Bounds:
    """A few filings, a flush, and so on; returns where everybody stood at the end of each window."""
    city = SyntheticCity(5, CITY, RESIDENTS)
    async with Registrar.open(settings, CITY) as registrar:
        await load_city(registrar, city)
        bounds = [await _ended(settings)]
        life = Life(city)
        while len(bounds) <= WINDOWS:
            events = life.next_batch(len(bounds) / WINDOWS, WINDOWS * FILINGS_A_WINDOW)
            for start in range(0, len(events), FILINGS_A_WINDOW):
                part = events[start : start + FILINGS_A_WINDOW]
                outcomes = await registrar.register([event.filing for event in part])
                for event, outcome in zip(part, outcomes, strict=True):
                    event.learn(outcome)
                bounds.append(await _ended(settings))
    return bounds


async def _ended(settings: Settings) -> dict[str, Counts]:
    await until(partial(_is_routed, settings), DEADLINE_SECONDS)
    await flush(settings)
    await until(partial(_is_sent, settings), DEADLINE_SECONDS)
    return (await hub_standing(settings, CITY)).recipients


async def _is_routed(settings: Settings) -> bool:
    return (await hub_standing(settings, CITY)).next_position > await last_position(settings, CITY)


async def _is_sent(settings: Settings) -> bool:
    recipients = (await hub_standing(settings, CITY)).recipients.values()
    return all(counts.waiting == 0 and counts.dispatched == counts.last_number for counts in recipients)


async def _read(settings: Settings, grant: Grant, bounds: Bounds) -> list[list[Told]]:
    """The recipient's own topic, read and opened as it would, by window."""
    told = [each async for each in _told(settings, grant)]
    ends = [counts[grant.recipient].last_number for counts in bounds]
    return [told[begin:end] for begin, end in pairwise(ends)]


async def _told(settings: Settings, grant: Grant) -> AsyncIterator[Told]:
    ring, place = KeyRing(settings), TopicPartition(out_topic(settings.environment, grant), partition_of(CITY))
    opener = Opener(delivery_terms(settings.environment, grant, CITY), ring.register, ring.private)
    async with AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        security_protocol="SSL",
        ssl_context=client_context(settings, grant.recipient),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    ) as reader:
        reader.assign([place])
        end = (await reader.end_offsets([place]))[place]
        await reader.seek_to_beginning(place)
        while await reader.position(place) < end:
            for record in (await reader.getmany(place, timeout_ms=500)).get(place, []):
                content = from_json(opener.open(record.value, record.key).payload)
                headers = dict(record.headers)
                sight = Sight(
                    person=record.key.decode(),
                    link=content.get("link_number", ""),
                    offset=record.offset,
                    milliseconds=record.timestamp,
                    told_time=headers[TIME].decode(),
                    number=content["number"],
                    size=len(record.value),
                    sealed=take_apart(record.value).sealed,
                )
                yield Told(sight, record.key, record.value, headers)


async def _residents(settings: Settings) -> dict[str, str]:
    name = HUB_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="auditor", principal="auditor")
    try:
        rows = await connection.fetch("SELECT subject, addressee_number FROM recipient_resident")
    finally:
        await connection.close()
    return {row[0]: row[1] for row in rows}
