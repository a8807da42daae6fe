"""The register's inbox on a real PostgreSQL: doubled, replayed, unreadable, overtaken; filings with their progress."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, get_args

import asyncpg
import pytest
import structlog
from aiokafka import ConsumerRecord
from pydantic_core import to_json

from infra.runtime.key_ring import KeyRing, create_keys
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.filings import parse_filing
from producers.register.inbox import lane as inbox_lane
from producers.register.inbox.handlers import HANDLERS
from producers.register.inbox.lane import FencedError, Lane, open_lane
from producers.register.inbox.letters import Certificate, Notice, Unopened
from producers.register.inbox.progress import last_taken
from producers.register.inbox.reading import FOREIGN, HEAD, NOT_STORABLE, UNREADABLE
from producers.register.inbox.work import Work, filing_id_of
from producers.register.inbox.worklist import entries, entry, refused_subject, settle
from producers.register.serials import numbered
from tests.sealing import sealed_as
from tests.unit.register.counter import AWAY, DAY, HOME, person
from topics.envelope.places import register_terms
from topics.messages.register_inbound import (
    ChangeReference,
    DeliveriesRefused,
    LetterReceived,
    RefusalsOver,
    RegisterMessage,
)

CITY = "142158"
WHO, OTHER = numbered([100_000_001, 100_000_005])
CODE = "PREFECTURE-UPDATE-SEQUENCE"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
async def city(settings: Settings) -> Settings:
    create_keys(settings, [])
    await prepare_databases(settings, (REGISTER_DATABASE, NUMBERS_DATABASE))
    return settings


async def test_a_refusal_stands_once_until_the_party_has_applied_a_later_delivery(city: Settings) -> None:
    first, second = _refused(1, WHO, OTHER), _refused(2, WHO)
    async with _lane(city) as lane:
        await lane.settle(_records(city, first, first, second))
        await lane.settle(_records(city, first, second, at=3))
        assert [each.code for each in await entries(city, CITY)] == [CODE] * 3
        await lane.settle(_records(city, _over(3, WHO), _refused(4, WHO), at=5))
    assert [each.id for each in await entries(city, CITY)] == [2, 4]
    told = [(each.state, each.settled_by) for each in await entries(city, CITY, settled=True)]
    assert told == [("settled", "prefecture"), ("open", None), ("settled", "prefecture"), ("open", None)]
    assert await last_taken(city, CITY) == 4


async def test_what_ends_in_the_batch_in_which_it_began_is_entered_as_settled(city: Settings) -> None:
    async with _lane(city) as lane:
        await lane.settle(_records(city, _refused(1, WHO), _over(2, WHO), _refused(3, WHO)))
    assert [each.state for each in await entries(city, CITY, settled=True)] == ["settled", "open"]


async def test_the_unreadable_is_parked_sealed_and_the_lane_goes_on(city: Settings) -> None:
    terms = register_terms(city.environment, CITY)
    foreign = _refused(1, WHO).model_copy(update={"municipality": "142166"})
    values = [
        b"synthetic",
        sealed_as(city, terms, CITY, 1, b'{"type":"unheard-of"}'),
        sealed_as(city, terms, CITY, 9, _refused(1, WHO).to_wire()),
        sealed_as(city, terms, CITY, 1, foreign.to_wire()),
        sealed_as(city, terms, CITY, 1, _refused(1, WHO).to_wire()),
    ]
    async with _lane(city) as lane:
        await lane.settle([_record(lane.topic, offset, value) for offset, value in enumerate(values)])
    async with _rows(city) as connection:
        parked = await connection.fetch('SELECT code, sealed_value FROM inbox_parked ORDER BY "offset"')
    assert [row["code"] for row in parked] == ["ENV-MALFORMED", UNREADABLE, HEAD, FOREIGN]
    assert all(b"synthetic" not in row["sealed_value"] for row in parked)
    assert len(await entries(city, CITY)) == 1


async def test_who_was_overtaken_writes_nothing(city: Settings) -> None:
    records = _records(city, _refused(1, WHO))
    async with _lane(city) as lane, _lane(city) as late:
        await lane.settle(records)
        with pytest.raises(FencedError):
            await late.settle(records)
        await late.take_up(0)
        await late.settle(_records(city, _refused(2, WHO), at=1))
    assert [each.id for each in await entries(city, CITY)] == [1, 2]


async def test_a_record_that_cannot_be_stored_is_parked_and_its_neighbours_stand(city: Settings) -> None:
    async with _rows(city) as connection:
        await connection.execute(f"ALTER TABLE work_entry ADD CHECK (addressee_number <> '{OTHER}')")
    async with _lane(city) as lane:
        await lane.settle(_records(city, _refused(1, WHO), _refused(2, OTHER), _refused(3, WHO)))
    assert len(await entries(city, CITY)) == 2
    assert await last_taken(city, CITY) == 3
    async with _rows(city) as connection:
        assert await connection.fetchval("SELECT code FROM inbox_parked") == NOT_STORABLE


async def test_a_filing_and_its_progress_are_one_and_a_refused_one_is_work(
    city: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a handler of a later type would: it makes a filing of a message."""
    monkeypatch.setattr(inbox_lane, "work_of", _move_in_of)
    records = _records(city, _refused(1, WHO), _refused(2, OTHER))
    async with _lane(city) as lane, _lane(city) as late:
        await lane.settle(records)
        with pytest.raises(FencedError):
            await late.settle(records)
    async with _rows(city) as connection:
        assert await connection.fetchval("SELECT count(*) FROM history") == 1
    assert [(each.kind, each.code) for each in await entries(city, CITY)] == [("deliveries-refused", "REG-HEAD")]


async def test_the_work_list_is_settled_by_hand_once(city: Settings) -> None:
    async with _lane(city) as lane:
        await lane.settle(_records(city, _refused(1, WHO)))
    assert (await refused_subject(city, CITY, 1, "clerk-1")).addressee_number == WHO
    await settle(city, CITY, 1, "clerk-1")
    settled = await entry(city, CITY, 1)
    assert (settled.state, settled.settled_by) == ("settled", "clerk-1")
    assert WHO not in repr(settled)
    codes = [
        await _code(settle(city, CITY, number, by)) for number, by in ((1, "clerk-1"), (9, "clerk-1"), (1, "合成"))
    ]
    assert codes == ["WORKLIST-SETTLED", "WORKLIST-UNKNOWN", "WORKLIST-PERSON"]


def test_every_type_of_message_has_its_handler() -> None:
    bare = set(get_args(RegisterMessage)) - set(get_args(LetterReceived))
    assert set(HANDLERS) == bare | {Notice, Certificate, Unopened}


def _refused(number: int, *residents: str) -> DeliveriesRefused:
    changes = tuple(ChangeReference(addressee_number=who, history_number=1) for who in residents)
    return DeliveriesRefused(**_origin(number), code=CODE, changes=changes)


def _over(number: int, *residents: str) -> RefusalsOver:
    return RefusalsOver(**_origin(number), residents=residents)


def _origin(number: int) -> dict[str, Any]:
    party = {"party": "prefecture", "party_number": 10 * number, "received_at": NOW}
    return {"municipality": CITY, "number": number, **party}


def _move_in_of(message: DeliveriesRefused) -> Work:
    """A household with a head for the first message, without one for the second."""
    persons = [person() if message.number == 1 else person("妻")]
    told = {"origin": AWAY, "address": HOME, "persons": persons, "operator": "counter-1", "filed_on": DAY}
    identity = {"filing_id": str(filing_id_of(message)), "kind": "move-in-domestic", "changed_on": DAY}
    return Work(filings=((parse_filing(to_json({**identity, **told})), message),))


def _records(settings: Settings, *messages: RegisterMessage, at: int = 0) -> list[ConsumerRecord]:
    terms = register_terms(settings.environment, CITY)
    values = [sealed_as(settings, terms, CITY, message.number, message.to_wire()) for message in messages]
    return [_record(terms.topic, offset, value) for offset, value in enumerate(values, start=at)]


def _record(topic: str, offset: int, value: bytes) -> ConsumerRecord:
    return ConsumerRecord(topic, 0, offset, 0, 0, CITY.encode(), value, None, 0, len(value), ())


@asynccontextmanager
async def _lane(settings: Settings) -> AsyncIterator[Lane]:
    async with open_lane(settings, CITY, KeyRing(settings), structlog.get_logger()) as lane:
        await lane.take_up(0)
        yield lane


@asynccontextmanager
async def _rows(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    name = REGISTER_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()


async def _code(work: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await work
    return refused.value.code
