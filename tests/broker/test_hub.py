"""One hub worker against a real broker and PostgreSQL: what it parks, what it waits for, what it sends again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic_core import from_json

from hub.commandline.deployment import broker, grants_now, prepare
from hub.databases import HUB_DATABASE
from hub.watch.counts import hub_standing
from hub.windows.flush import flush
from infra.check.topic_reader import Raw, topic_reader
from infra.check.verify import auditor_rights
from infra.embedded.supervisor import Supervisor
from infra.runtime.kafka import producer
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from infra.runtime.tls import client_context
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.registrar import Registrar
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import load_city
from tests.polling import until
from tests.sealing import opened_records, sealed_as
from topics.catalogue import Acl, in_topic, out_topic
from topics.envelope.places import change_terms, inbound_terms, register_terms
from topics.envelope.run import Terms
from topics.messages.inbound import FunctionalError, Interest, ResendRequest
from topics.messages.register_inbound import DeliveriesRefused, read_register_inbound
from topics.partitions import partition_of

CITY = "142158"
RESIDENTS = 10
DEADLINE_SECONDS = 60.0
_until = partial(until, seconds=DEADLINE_SECONDS)


@dataclass(frozen=True, repr=False)
class Lone:
    """A hub without relay and recipients; the changes that wait in the register's outbox."""

    settings: Settings
    log_before: int
    changes: list[bytes]

    def log(self) -> str:
        path = self.settings.state_directory / "logs" / "hub-1.log"
        return path.read_text(encoding="utf-8")[self.log_before :]

    async def send(self, topic: str, who: str, *values: bytes) -> None:
        """All at once, so that the hub finds them together."""
        place = partition_of(CITY)
        async with producer(self.settings, who) as writer:
            sent = [await writer.send(topic, value, key=b"synthetic", partition=place) for value in values]
            await asyncio.gather(*sent)

    async def changed(self, *values: bytes) -> None:
        terms = change_terms(self.settings.environment, CITY)
        sent = [self.sealed(terms, value) if value.startswith(b"{") else value for value in values]
        await self.send(terms.topic, "register", *sent)

    async def told(self, party: str, *values: bytes) -> None:
        terms = inbound_terms(self.settings.environment, party, CITY)
        await self.send(terms.topic, party, *(self.sealed(terms, value) for value in values))

    def sealed(self, terms: Terms, value: bytes) -> bytes:
        number = from_json(value).get("position") or from_json(value).get("number") or 1
        return sealed_as(self.settings, terms, "synthetic", number, value)

    async def routed(self) -> int:
        return (await hub_standing(self.settings, CITY)).next_position - 1


@pytest.fixture
async def lone(settings: Settings) -> AsyncIterator[Lone]:
    async with _alone(settings) as hub:
        yield hub


@asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[Lone]:
    await prepare(settings)
    async with Registrar.open(settings, CITY) as registrar:
        await load_city(registrar, SyntheticCity(3, CITY, RESIDENTS))
    register = await connect(
        settings, REGISTER_DATABASE.name(settings.environment, CITY), role="relay", principal="register"
    )
    changes = [row["event"] for row in await register.fetch("SELECT event FROM outbox ORDER BY position")]
    await register.close()
    log = settings.state_directory / "logs" / "hub-1.log"
    supervisor = Supervisor(settings)
    before = len(log.read_text(encoding="utf-8")) if log.exists() else 0
    supervisor.start(["hub"])
    yield Lone(settings, before, changes)
    supervisor.stop()


async def test_the_unreadable_is_parked_and_the_lane_goes_on(lone: Lone) -> None:
    await lone.changed(lone.changes[0], b"\xffsynthetic", b'{"schema_version":"resident.change.v1"}', *lone.changes[1:])
    await _until(lambda: _is(lone.routed, RESIDENTS))
    async with _hub_rows(lone.settings) as connection:
        rows = await connection.fetch('SELECT topic, "offset", code, sealed_value FROM parked ORDER BY 2')
    assert [(row["offset"], row["code"]) for row in rows] == [(1, "ENV-MALFORMED"), (2, "HUB-UNREADABLE")]
    assert all(b"synthetic" not in row["sealed_value"] for row in rows)


async def test_a_partys_unreadable_message_is_parked_and_interests_go_on(lone: Lone) -> None:
    await lone.changed(*lone.changes)
    await _until(lambda: _is(lone.routed, RESIDENTS))
    topic = in_topic(lone.settings.environment, "welfare")
    async with _hub_rows(lone.settings) as connection:
        resident = await connection.fetchval("SELECT min(addressee_number) FROM resident")
    interest = Interest(party="welfare", municipality=CITY, number=1, action="place", addressee_number=resident)
    await lone.send(topic, "welfare", b"synthetic")
    await lone.told("welfare", interest.to_wire(), interest.to_wire())
    await _until(lambda: _is(lambda: _dispatched(lone, "welfare"), 1))
    async with _hub_rows(lone.settings) as connection:
        assert await connection.fetchval("SELECT count(*) FROM parked WHERE topic = $1", topic) == 1
        assert await connection.fetchval("SELECT count(*) FROM delivery WHERE recipient = 'welfare'") == 1


async def test_a_refusal_reaches_the_register_in_its_own_words_and_what_is_not_granted_is_parked(lone: Lone) -> None:
    await lone.changed(*lone.changes)
    await _until(lambda: _is(lambda: _dispatched(lone, "prefecture"), RESIDENTS))
    refusal = partial(FunctionalError, municipality=CITY, generation=1, code="SYNTHETIC-RULE")
    known, unknown = refusal(party="prefecture", number=1, first=2, last=3), {"number": 2, "last": RESIDENTS + 1}
    told = [known, known, known.model_copy(update=unknown), refusal(party="prefecture", number=3, first=3, last=3)]
    await lone.told("prefecture", *(message.to_wire() for message in told))
    await lone.told("welfare", refusal(party="welfare", number=1, first=1, last=1).to_wire())
    await _until(lambda: _is(lambda: _parked(lone), 2))
    async with _hub_rows(lone.settings) as connection:
        codes = [row["code"] for row in await connection.fetch("SELECT code FROM parked ORDER BY code")]
        changes = await connection.fetch(
            "SELECT addressee_number, history_number FROM delivery "
            "WHERE recipient = 'prefecture' AND number IN (2, 3) ORDER BY number"
        )
    assert codes == ["HUB-DELIVERY-UNKNOWN", "HUB-MESSAGE-NOT-GRANTED"]
    messages = await _for_register(lone, 2)
    assert [(each.number, each.party_number) for each in messages] == [(1, 1), (2, 3)]
    assert [change.model_dump() for change in messages[0].changes] == [dict(row) for row in changes]
    assert messages[1].changes == messages[0].changes[1:]


async def _parked(lone: Lone) -> int:
    async with _hub_rows(lone.settings) as connection:
        return int(await connection.fetchval("SELECT count(*) FROM parked"))


async def _for_register(lone: Lone, count: int) -> list[DeliveriesRefused]:
    terms = register_terms(lone.settings.environment, CITY)
    await _until(lambda: _is(lambda: _lying(lone.settings, terms), count))
    messages = [read_register_inbound(content) for content in opened_records(lone.settings, terms)]
    return [message for message in messages if isinstance(message, DeliveriesRefused)]


async def _lying(settings: Settings, terms: Terms) -> int:
    return sum(1 for _ in opened_records(settings, terms))


async def test_doubles_between_a_filings_members_that_fill_a_fetch_do_not_hold_the_lane(settings: Settings) -> None:
    async with _alone(settings.model_copy(update={"hub_batch_records": 2})) as narrow:
        changes = narrow.changes
        first = next(n for n, change in enumerate(changes) if from_json(change)["group"]["count"] > 1)
        await narrow.changed(*changes[: first + 1], *[changes[first]] * 8, *changes[first + 1 :])
        await _until(lambda: _is(narrow.routed, RESIDENTS))


async def test_a_missing_position_holds_the_lane(lone: Lone) -> None:
    await lone.changed(lone.changes[0], lone.changes[2])
    await _until(lambda: _holds(lambda: "HUB-POSITION-GAP" in lone.log()))
    assert await lone.routed() == 1


async def test_a_missing_number_holds_the_lane_until_it_is_there(lone: Lone) -> None:
    name = NUMBERS_DATABASE.name(lone.settings.environment, CITY)
    numbers: asyncpg.Connection = await connect(lone.settings, name, role="admin", principal="admin")
    await numbers.execute("ALTER TABLE number_version RENAME TO hidden")
    await numbers.execute("CREATE TABLE number_version (LIKE hidden)")
    await numbers.execute("GRANT SELECT ON number_version TO hub_join")
    await lone.changed(*lone.changes)
    await _until(lambda: _holds(lambda: "HUB-NUMBER-MISSING" in lone.log()))
    assert await lone.routed() == 0
    await numbers.execute("INSERT INTO number_version SELECT * FROM hidden")
    await numbers.close()
    await _until(lambda: _is(lone.routed, RESIDENTS))


async def test_a_resend_brings_the_same_bytes_again_and_once_however_often_it_is_asked_for(lone: Lone) -> None:
    await lone.changed(*lone.changes)
    await _until(lambda: _is(lone.routed, RESIDENTS))
    await flush(lone.settings)
    await _until(lambda: _is(lambda: _dispatched(lone, "intermediate"), RESIDENTS))
    ask = ResendRequest(party="intermediate", municipality=CITY, number=1, generation=1, first=3, last=4)
    await lone.told("intermediate", ask.to_wire(), ask.model_copy(update={"number": 2}).to_wire())
    topic = out_topic(
        lone.settings.environment, next(g for g in grants_now(lone.settings) if g.recipient == "intermediate")
    )
    administrator, rights = broker(lone.settings), auditor_rights(lone.settings, grants_now(lone.settings))
    administrator.allow(rights)
    await _until(lambda: _is(lambda: _count(lone.settings, topic), RESIDENTS + 2))
    async with topic_reader(lone.settings) as reader:
        sent = [raw async for raw in reader.partition(topic, partition_of(CITY))]
    administrator.withdraw(rights)
    assert [_bytes(raw) for raw in sent[RESIDENTS:]] == [_bytes(raw) for raw in sent[2:4]]


async def test_one_recipient_that_nothing_can_be_sent_to_delays_no_other(lone: Lone) -> None:
    grants = {grant.recipient: grant for grant in grants_now(lone.settings)}
    topic = out_topic(lone.settings.environment, grants["prefecture"])
    right, administrator = [Acl("hub", "WRITE", "TOPIC", topic)], broker(lone.settings)
    administrator.withdraw(right)
    await lone.changed(*lone.changes)
    await _until(lambda: _is(lone.routed, RESIDENTS))
    await flush(lone.settings)
    await _until(lambda: _is(lambda: _dispatched(lone, "intermediate"), RESIDENTS))
    assert await _dispatched(lone, "prefecture") == 0
    administrator.allow(right)
    await _until(lambda: _is(lambda: _dispatched(lone, "prefecture"), RESIDENTS))


async def test_a_worker_that_was_overtaken_writes_nothing(lone: Lone) -> None:
    async with _hub_rows(lone.settings) as connection:
        await _until(lambda: _is(lambda: connection.fetchval("SELECT epoch FROM head"), 1))
        await connection.execute("UPDATE head SET epoch = 99")
        await lone.changed(*lone.changes)
        await _until(lambda: _is(lone.routed, RESIDENTS))
        assert await connection.fetchval("SELECT epoch FROM head") == 100
    assert "FencedError" in lone.log()


async def _dispatched(lone: Lone, recipient: str) -> int:
    counts = (await hub_standing(lone.settings, CITY)).recipients.get(recipient)
    return counts.dispatched if counts else 0


@asynccontextmanager
async def _hub_rows(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The hub's database as its owner sees it."""
    name = HUB_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()


async def _count(settings: Settings, topic: str) -> int:
    place = TopicPartition(topic, partition_of(CITY))
    async with AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        security_protocol="SSL",
        ssl_context=client_context(settings, "auditor"),
    ) as reader:
        reader.assign([place])
        return int((await reader.end_offsets([place]))[place])


def _bytes(raw: Raw) -> tuple[bytes, bytes]:
    return raw.key, raw.value


async def _is(read: Callable[[], Awaitable[int]], wanted: int) -> bool:
    return await read() == wanted


async def _holds(condition: Callable[[], bool]) -> bool:
    return condition()
