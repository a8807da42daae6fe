"""Recipients against a real broker and a real PostgreSQL: what they keep, what they answer, what they refuse."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date
from functools import partial
from typing import Any

import asyncpg
import pytest

from consumers.databases import database_of
from consumers.kit.asking import ask_again
from consumers.kit.counts import Counts, counts
from consumers.kit.lane import Lane, close_lanes, open_lanes
from consumers.kit.received import REPLAYED
from consumers.kit.record import Record
from consumers.kit.repair import Repair
from consumers.kit.sink import Fenced, Sink
from consumers.prefecture.apply import SEALED_FIELDS, TABLE
from consumers.service import recipient_named, run_recipient
from consumers.welfare import cases
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.kafka import consumer, producer
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import load_key
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, environment_of
from tests.polling import until
from tests.sealing import opened_as, sealed
from topics.broker import Access, Broker
from topics.catalogue import desired, group, in_topic, out_topic
from topics.check_digits import serial_digit
from topics.declared import declared_by_recipient, grants_in_force
from topics.envelope.places import inbound_terms
from topics.messages.delivery import Delivery
from topics.messages.inbound import INBOUND, Acknowledgement, Interest, Message, Redelivery, ResendRequest, read_inbound
from topics.partitions import municipality_of, partition_of
from topics.plan import plan

CITY = "142158"
GRANTS = declared_by_recipient()
RECIPIENTS = sorted(GRANTS)
DATABASES = tuple(database_of(grant) for grant in GRANTS.values())
DEADLINE_SECONDS = 60.0
_until = partial(until, seconds=DEADLINE_SECONDS)
MY_NUMBER, RESIDENT_CODE = "123456789018", "24727059608"


@pytest.fixture
async def city(settings: Settings) -> Settings:
    """An environment with topics, ACLs and the recipients' databases."""
    access = Access(settings.kafka_bootstrap, settings.certificates_directory)
    broker = Broker(access, settings.environment)
    groups = [group(settings.environment, name) for name in ("hub", *RECIPIENTS)]
    wanted = desired(grants_in_force(date(2026, 11, 24)), settings.environment, settings.replication_factor)
    await asyncio.to_thread(lambda: broker.apply(plan(wanted, broker.read(groups))))
    await prepare_databases(settings, DATABASES)
    return settings


def _items(recipient: str, value: str) -> dict[str, object]:
    match GRANTS[recipient].declaration:
        case "prefecture":
            return {"name": f"合成 {value}", "my_number": MY_NUMBER, "resident_code": RESIDENT_CODE}
        case "jlis":
            return {"management_number": value, "my_number": MY_NUMBER, "resident_code": RESIDENT_CODE}
        case "numbering" | "move-in-notice" | "move-out-certificate":
            return {"resident_code": RESIDENT_CODE}
    return {"birth_date": "1980-02-XX", "address_since": value}


def _delivery(recipient: str, number: int, subject: str, sequence: int, **changes: Any) -> Delivery:
    base = {
        "recipient": recipient,
        "municipality": CITY,
        "generation": 1,
        "number": number,
        "sequence": sequence,
        "subject": subject,
        "kind": "created" if sequence == 1 else "changed",
        "state": "active",
        "items": _items(recipient, str(sequence)) | ({"addressee_number": subject} if recipient == "addressee" else {}),
        "link_number": f"link-{subject}" if recipient == "intermediate" else None,
    }
    return Delivery.model_validate({**base, **changes})


def _deliveries(recipient: str, residents: int, each: int) -> list[Delivery]:
    pairs = [(f"s{resident}", sequence) for sequence in range(1, each + 1) for resident in range(residents)]
    return [_delivery(recipient, number, *pair) for number, pair in enumerate(pairs, start=1)]


async def _send(
    settings: Settings, recipient: str, pairs: Sequence[tuple[bytes | None, bytes]], code: str = CITY
) -> None:
    topic = out_topic(settings.environment, GRANTS[recipient])
    async with producer(settings, "hub") as link:
        sent = [await link.send(topic, value, key=key, partition=partition_of(code)) for key, value in pairs]
        await asyncio.gather(*sent)


def _pairs(settings: Settings, deliveries: Sequence[Delivery]) -> list[tuple[bytes | None, bytes]]:
    return [(delivery.subject.encode(), sealed(settings, delivery)) for delivery in deliveries]


@asynccontextmanager
async def _running(settings: Settings, recipient: str) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(run_recipient(settings, recipient, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _stand_at(settings: Settings, recipient: str, wanted: Counts) -> None:
    async def reached() -> bool:
        return await counts(settings, recipient) == wanted

    with suppress(TimeoutError):
        await _until(reached)
    assert await counts(settings, recipient) == wanted


async def _rows(settings: Settings, recipient: str, sql: str, *, role: str | None = None) -> list[asyncpg.Record]:
    role = role or recipient
    name = database_of(GRANTS[recipient]).name(settings.environment, CITY)
    connection = await connect(settings, name, role=role, principal=role)
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


async def _answers(settings: Settings, party: str, count: int) -> list[Message]:
    link = consumer(settings, "hub", group(settings.environment, "hub"))
    await link.start()
    try:
        topic = in_topic(settings.environment, party)
        link.subscribe([topic])
        await _until(lambda: _assigned(link))
        for place in link.assignment():
            link.seek(place, 0)
        found: list[Message] = []
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(found) < count:
                for records in (await link.getmany(timeout_ms=200)).values():
                    found += [_opened(settings, party, record) for record in records]
        return found
    finally:
        await link.stop()


def _opened(settings: Settings, party: str, record: Any) -> Message:
    terms = inbound_terms(settings.environment, party, municipality_of(record.partition))
    return read_inbound(opened_as(settings, terms, record.key, record.value))


async def _assigned(link: Any) -> bool:
    return bool(link.assignment())


def _settled(answers: Sequence[object]) -> dict[int, str]:
    acknowledged = [answer for answer in answers if isinstance(answer, Acknowledgement)]
    return {n: a.outcome for a in acknowledged for n in range(a.first, a.last + 1)}


@pytest.mark.parametrize("recipient", RECIPIENTS)
async def test_the_copy_is_the_last_state_and_everything_is_acknowledged(city: Settings, recipient: str) -> None:
    sent = _deliveries(recipient, residents=50, each=3)
    gone = _delivery(recipient, 151, "s0", 4, kind="annulled", state="absent", items={})
    await _send(city, recipient, _pairs(city, [*sent, gone, *sent[:10]]))
    async with _running(city, recipient):
        await _stand_at(city, recipient, Counts(applied=151, duplicates=10))
        await _until(lambda: _outbox_empty(city, recipient))
    rows = await _rows(city, recipient, "SELECT subject, sequence, state FROM verify_copy", role="auditor")
    assert {tuple(row) for row in rows} == {(f"s{n}", 3, "active") for n in range(1, 50)}


async def _outbox_empty(settings: Settings, recipient: str) -> bool:
    return not await _rows(settings, recipient, "SELECT number FROM outbox")


async def test_a_gap_holds_one_resident_is_asked_for_and_heals(city: Settings) -> None:
    sent = _deliveries("welfare", residents=3, each=3)
    lost = sent[3]
    await _send(city, "welfare", _pairs(city, [d for d in sent if d != lost]))
    async with _running(city, "welfare"):
        await _stand_at(city, "welfare", Counts(applied=7, held=1, missing=1))
        await _send(city, "welfare", _pairs(city, [lost]))
        await _stand_at(city, "welfare", Counts(applied=9))
        answers = await _answers(city, "welfare", 6)
    assert [a.number for a in answers] == list(range(1, len(answers) + 1))
    assert [(a.first, a.last) for a in answers if isinstance(a, ResendRequest)] == [(4, 4)]
    assert _settled(answers) == dict.fromkeys(range(1, 10), "applied")
    assert "held" in {a.outcome for a in answers if isinstance(a, Acknowledgement)}


async def test_what_cannot_be_applied_is_parked_with_its_bytes_and_the_lane_goes_on(city: Settings) -> None:
    surplus = _delivery("intermediate", 2, "b", 1, items={"addressee_number": "1234567892"})
    unstorable = _delivery("intermediate", 3, "c", 1, items={"birth_date": "\0"})
    good = [_delivery("intermediate", number, "a", sequence) for number, sequence in ((1, 1), (4, 2))]
    bad = [(b"b", sealed(city, surplus)), (b"c", sealed(city, unstorable)), (None, b"\xff not a delivery")]
    await _send(city, "intermediate", [*_pairs(city, good[:1]), *bad, *_pairs(city, good[1:])])
    async with _running(city, "intermediate"):
        await _stand_at(city, "intermediate", Counts(applied=2, parked=3, strays=1))
        answers = await _answers(city, "intermediate", 3)
    assert _settled(answers) == {1: "applied", 2: "parked", 3: "parked", 4: "applied"}
    await _check_parked(city, bad)


async def _check_parked(city: Settings, bad: Sequence[tuple[bytes | None, bytes]]) -> None:
    async with _repair(city, "intermediate") as repair:
        found = [told.parked for told in await repair.look()]
    assert [(p.record.offset, p.record.key, p.record.value) for p in found] == [
        (n, *pair) for n, pair in enumerate(bad, start=1)
    ]
    assert [p.code for p in found] == ["KIT-ITEM-NOT-GRANTED", "KIT-NOT-STORABLE", "ENV-MALFORMED"]
    assert [p.member.number if p.member else None for p in found] == [2, 3, None]


async def test_a_filing_with_a_member_that_cannot_be_applied_waits_as_a_whole(city: Settings) -> None:
    """The third member comes in a later batch and is refused only there: none of its filing was applied before."""
    group = [{"id": "g", "index": n, "count": 3} for n in (1, 2, 3)]
    sent = [_delivery("welfare", n + 1, s, 1, group=group[n]) for n, s in enumerate("abc")]
    sent[2] = sent[2].model_copy(update={"items": {"birth_date": "\0"}})
    later = [_delivery("welfare", 4, "a", 2), _delivery("welfare", 5, "d", 1), _delivery("welfare", 6, "c", 2)]
    records = [Record(n, d.subject.encode(), sealed(city, d)) for n, d in enumerate([*sent, *later])]
    async with _lane(city) as lane:
        sink = _sink(city, lane)
        await sink.settle(records[:2])
        assert await counts(city, "welfare") == Counts(held=2)
        await sink.settle(records[2:3])
        assert await counts(city, "welfare") == Counts(held=2, parked=1)
        await sink.settle(records[3:])
        assert await counts(city, "welfare") == Counts(applied=1, held=4, parked=1)
        repair = Repair(recipient_named(city, "welfare", KeyRing(city)), lane, keep=True)
        await repair.release(2)
    assert await counts(city, "welfare") == Counts(applied=5, given_up=1)
    rows = await _rows(city, "welfare", "SELECT message FROM outbox ORDER BY number DESC LIMIT 1")
    asked = read_inbound(rows[0]["message"])
    assert isinstance(asked, Redelivery)
    assert (asked.first, asked.last) == (3, 3)


async def test_a_lane_that_would_park_too_much_stands_still_and_others_go_on(city: Settings) -> None:
    two = city.model_copy(update={"municipalities": (CITY, "142166"), "parked_most_records": 2})
    await prepare_databases(two, DATABASES)
    await _send(two, "welfare", [(b"x", b"synthetic")] * 3)
    async with _running(two, "welfare"):
        await _send(two, "welfare", _pairs(two, [_delivery("welfare", 1, "a", 1, municipality="142166")]), "142166")
        await _stand_at(two, "welfare", Counts(applied=1))
    async with _running(two.model_copy(update={"parked_most_records": 3}), "welfare"):
        await _stand_at(two, "welfare", Counts(applied=1, parked=3, strays=3))


async def test_an_old_number_over_another_body_is_parked_and_the_same_bytes_are_not(city: Settings) -> None:
    first, other = (_delivery("welfare", 1, "a", 1, items=_items("welfare", value)) for value in ("first", "other"))
    await _send(city, "welfare", _pairs(city, [first]))
    async with _running(city, "welfare"):
        await _stand_at(city, "welfare", Counts(applied=1))
        await _send(city, "welfare", _pairs(city, [other, first]))
        await _stand_at(city, "welfare", Counts(applied=1, duplicates=1, parked=1, strays=1))
    assert [row["code"] for row in await _rows(city, "welfare", "SELECT code FROM parked")] == [REPLAYED]
    [row] = await _rows(city, "welfare", "SELECT items FROM verify_copy", role="auditor")
    assert "other" not in str(row["items"])


async def test_the_prefecture_seals_its_numbers_wherever_they_are_kept(city: Settings) -> None:
    sent = _deliveries("prefecture", residents=1, each=1)
    await _send(city, "prefecture", _pairs(city, [*sent, _delivery("prefecture", 3, "s0", 3)]))
    async with _running(city, "prefecture"):
        await _stand_at(city, "prefecture", Counts(applied=1, held=1, missing=1))
    [row] = await _rows(city, "prefecture", "SELECT * FROM verify_copy", role="auditor")
    assert not set(SEALED_FIELDS) & set(row["items"])
    cipher = ColumnCipher(load_key(city, "prefecture"), table=TABLE, column="my_number")
    assert cipher.open("s0", row["sealed_my_number"]) == MY_NUMBER.encode()
    whole = await _rows(city, "prefecture", "SELECT i::text || h::text AS plain FROM identity i, held h")
    assert MY_NUMBER not in whole[0]["plain"]
    assert MY_NUMBER.encode().hex() not in whole[0]["plain"]


async def test_members_that_come_and_go_apply_everything_once(city: Settings) -> None:
    sent = _deliveries("welfare", residents=300, each=10)
    small = city.model_copy(update={"consumer_batch_records": 100})
    await _send(city, "welfare", _pairs(city, sent))
    for reached in (500, 1500):
        async with _running(small, "welfare"):
            await _until(lambda reached=reached: _applied_at_least(city, reached))  # type: ignore[misc]
    async with _running(small, "welfare"), _running(small, "welfare"):
        await _stand_at(city, "welfare", Counts(applied=3000))
        await _until(lambda: _outbox_empty(city, "welfare"))
    rows = await _rows(city, "welfare", "SELECT sequence FROM verify_copy", role="auditor")
    assert [row["sequence"] for row in rows] == [10] * 300


PROCESS = """
import asyncio
from consumers.service import run_recipient
from infra.runtime.settings import load_settings
asyncio.run(run_recipient(load_settings(), "welfare", asyncio.Event()))
"""


@asynccontextmanager
async def _process(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    variables = {**os.environ, **environment_of(settings.model_dump())}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROCESS, env=variables)
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def test_killed_and_frozen_processes_neither_lose_nor_double(city: Settings) -> None:
    sent = _deliveries("welfare", residents=500, each=12)
    small = city.model_copy(update={"consumer_batch_records": 20, "session_timeout_seconds": 6})
    await _send(city, "welfare", _pairs(city, sent))
    for reached in (1, 2000):
        async with _process(small):
            await _until(partial(_applied_at_least, city, reached))
    async with _process(small) as frozen:
        await _until(partial(_applied_at_least, city, 4000))
        frozen.send_signal(signal.SIGSTOP)
        async with _running(small, "welfare"):
            await _stand_at(city, "welfare", Counts(applied=6000))
            frozen.send_signal(signal.SIGCONT)
            answers = await _until_settled(city, 6000)
    assert await counts(city, "welfare") == Counts(applied=6000)
    assert {a.number for a in answers} == set(range(1, max(a.number for a in answers) + 1))


async def _until_settled(settings: Settings, count: int) -> list[Message]:
    await _until(lambda: _outbox_empty(settings, "welfare"))
    [row] = await _rows(settings, "welfare", "SELECT last FROM inbound_counter")
    answers = await _answers(settings, "welfare", row["last"])
    assert _settled(answers) == dict.fromkeys(range(1, count + 1), "applied")
    return answers


@pytest.mark.parametrize("recipient", ["prefecture", "welfare"])
async def test_each_served_city_has_its_own_gates_and_others_stand_still(city: Settings, recipient: str) -> None:
    two = city.model_copy(update={"municipalities": (CITY, "142166")})
    await prepare_databases(two, DATABASES)
    for code in (*two.municipalities, "142123"):
        await _send(two, recipient, _pairs(two, [_delivery(recipient, 1, "a", 1, municipality=code)]), code)
    async with _running(two, recipient):
        await _stand_at(two, recipient, Counts(applied=2))
        await _until(lambda: _outbox_empty(two, recipient))
        answers = await _answers(two, recipient, 2)
    assert sorted((a.municipality, a.number) for a in answers) == [(CITY, 1), ("142166", 1)]


async def _applied_at_least(settings: Settings, count: int) -> bool:
    return (await counts(settings, "welfare")).applied >= count


@asynccontextmanager
async def _repair(settings: Settings, name: str) -> AsyncIterator[Repair]:
    async with _lane(settings, name) as lane:
        yield Repair(recipient_named(settings, name, KeyRing(settings)), lane, keep=True)


def _sink(settings: Settings, lane: Lane, *, most: int = 100, window: int = 10_000) -> Sink:
    return Sink(recipient_named(settings, "welfare", KeyRing(settings)), lane, most=most, window=window)


@asynccontextmanager
async def _lane(settings: Settings, name: str = "welfare") -> AsyncIterator[Lane]:
    ring = KeyRing(settings)
    recipient = recipient_named(settings, name, ring)
    lanes = await open_lanes(settings, recipient, ring)
    try:
        await lanes[partition_of(CITY)].open(0, recipient.copy.forget)
        yield lanes[partition_of(CITY)]
    finally:
        await close_lanes(list(lanes.values()))


async def test_a_batch_that_is_not_the_next_one_is_fenced_and_leaves_nothing(city: Settings) -> None:
    records = [Record(n, d.subject.encode(), sealed(city, d)) for n, d in enumerate(_deliveries("welfare", 4, 1))]
    async with _lane(city) as lane:
        sink = _sink(city, lane)
        await sink.settle(records[:2])
        for stale in (records[:2], records[3:]):
            with pytest.raises(Fenced) as fenced:
                await sink.settle(stale)
            assert fenced.value.next_offset == 2
        assert await counts(city, "welfare") == Counts(applied=2)


async def test_missing_numbers_are_asked_for_again_only_after_a_pause(city: Settings) -> None:
    async with _lane(city) as lane:
        late = _delivery("welfare", 3, "a", 1)
        await _sink(city, lane).settle([Record(0, b"a", sealed(city, late))])
        await ask_again(lane)
        assert await _asked(city) == [(1, 2)]
        await lane.pool.execute("UPDATE missing SET asked_at = asked_at - interval '1 minute'")
        await ask_again(lane)
        await ask_again(lane)
        assert await _asked(city) == [(1, 2), (1, 2)]


async def _asked(settings: Settings) -> list[tuple[int, int]]:
    rows = await _rows(settings, "welfare", "SELECT message FROM outbox ORDER BY number")
    messages = [INBOUND.validate_json(row["message"]) for row in rows]
    return [(m.first, m.last) for m in messages if isinstance(m, ResendRequest)]


async def test_an_interest_placed_twice_is_told_once(city: Settings) -> None:
    number = next(f"{n}{serial_digit(str(n))}" for n in range(100_000_000, 100_000_099) if serial_digit(str(n)))
    assert await cases.place(city, CITY, [number]) == 1
    assert await cases.place(city, CITY, [number]) == 0
    assert await cases.remove(city, CITY, [number]) == 1
    async with _running(city, "welfare"):
        answers = await _answers(city, "welfare", 2)
    told = [(a.number, a.action, a.addressee_number) for a in answers if isinstance(a, Interest)]
    assert told == [(1, "place", number), (2, "remove", number)]
    assert not await _rows(city, "welfare", "SELECT * FROM interest", role="auditor")


async def test_a_number_that_is_none_is_refused_without_being_quoted(city: Settings) -> None:
    with pytest.raises(Refusal) as refusal:
        await cases.place(city, CITY, ["1234567890", "0000000001"])
    assert "0000000001" not in str(refusal.value)
