"""The access log's way out of the register: a row of the look-up's own transaction, by pseudonym, until confirmed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from hub.commandline.deployment import prepare
from infra.runtime.kafka import producer
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.access import Occasion, looking_up, subject_pseudonyms
from producers.register.databases import REGISTER_DATABASE
from producers.register.lookup import COUNTER_ROLE, find_resident
from producers.register.search import MOST, search_residents, wanted
from producers.register.staff import Member, save_staff
from producers.register.standing import last_access_number
from producers.relay.access_log import Outbox
from tests.broker.test_counter_search import BIRTH, CITY, NAME, OCCASION, move_in
from tests.sealing import opened_records
from tests.unit.register.counter import MY_NUMBER, person
from topics.catalogue import ADMIN, REGISTER
from topics.envelope.places import access_terms
from topics.guarded import MyNumber
from topics.messages.access import Entry, Handling, LookUp, Question, Standing, Subject, Tie, UpTo, read_entry

TODAY = datetime.now(UTC).date()
AWAY = Occasion("counter-9", "synthetic filing", "2026-0001")


@pytest.fixture
async def city(settings: Settings) -> Settings:
    """A prepared deployment that says often up to when it has told."""
    own = settings.model_copy(update={"access_up_to_seconds": 0.1})
    await prepare(own)
    return own


@asynccontextmanager
async def _owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    name = REGISTER_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role=ADMIN, principal=ADMIN)
    try:
        yield connection
    finally:
        await connection.close()


async def _told(settings: Settings) -> list[Entry]:
    """Everything that reaches the topic, as the analysis opens it there."""
    link = producer(settings, REGISTER)
    await link.start()
    try:
        async with _owner(settings) as connection:
            outbox = Outbox(settings, CITY, connection, link)
            while await outbox.collect() + await outbox.send():
                pass
            await outbox.pass_on()
            assert await connection.fetchval("SELECT count(*) FROM access_outbox") == 0
    finally:
        await link.stop()
    return [read_entry(each) for each in opened_records(settings, access_terms(settings.environment, REGISTER, CITY))]


async def test_a_look_up_is_told_with_facts_in_place_of_names(city: Settings) -> None:
    (own, other) = await move_in(city, [person(name=NAME, my_number=MY_NUMBER), person(name=NAME)])
    async with _owner(city) as connection:
        await connection.execute(
            "INSERT INTO protection VALUES ($1, 1, gen_random_uuid(), 'full', 'full', 'record', $2, $2, $2, 'desk-1')",
            other,
            TODAY,
        )
    await search_residents(city, CITY, wanted("高橋", BIRTH), OCCASION)
    before = TODAY - timedelta(days=30)
    members = [
        Member(account=OCCASION.operator, addressee_number=own, since=before, leave=(TODAY, TODAY + timedelta(days=1))),
        Member(account="counter-9", since=before, until=before),
    ]
    await save_staff(city, CITY, members)
    await find_resident(city, CITY, MyNumber(MY_NUMBER), OCCASION)
    await search_residents(city, CITY, wanted("高橋太郎", BIRTH), AWAY)
    entries = await _told(city)
    first, second, third = (entry for entry in entries if isinstance(entry, LookUp))
    called = subject_pseudonyms(city, CITY)
    assert first.subjects == (Subject(pseudonym=called(own)), Subject(pseudonym=called(other), protected=True))
    assert second.subjects == (Subject(pseudonym=called(own), tie=Tie.SELF, staff=True),)
    assert [each.standing for each in (first, second, third)] == [
        Standing.UNLISTED, Standing.ON_LEAVE, Standing.OFF_DUTY
    ]  # fmt: skip
    assert (second.question, second.number_touched, third.found) == (Question.NUMBER, True, 0)
    assert (first.operator, first.purpose, first.case_number) == OCCASION.told()
    assert {own, other}.isdisjoint("".join(entry.to_wire().decode() for entry in entries))
    assert isinstance(entries[-1], UpTo)
    assert abs(entries[-1].at - datetime.now(UTC)) < timedelta(minutes=5)


async def test_filings_are_told_once_each_with_their_household(city: Settings) -> None:
    residents = await move_in(city, [person(), person()])
    entries = await _told(city) + await _told(city)
    handlings = {entry.event_id: entry for entry in entries if isinstance(entry, Handling)}
    called = subject_pseudonyms(city, CITY)
    assert sorted(each.subjects for each in handlings.values()) == sorted((called(one),) for one in residents)
    assert len([entry for entry in await _told(city) if isinstance(entry, Handling)]) == 2
    assert await last_access_number(city, CITY) >= 2


async def test_what_is_not_committed_is_not_told(city: Settings) -> None:
    await move_in(city, [person(name=NAME) for _ in range(MOST + 1)])
    with pytest.raises(ZeroDivisionError):
        async with looking_up(city, CITY, COUNTER_ROLE, OCCASION) as lookup:
            await lookup.ask("search", "高橋", "たかはし", BIRTH, MOST)
            await lookup.tell([])
            raise ZeroDivisionError
    with pytest.raises(Refusal, match="KRN-SEARCH-MANY"):
        await search_residents(city, CITY, wanted("高橋", BIRTH), OCCASION)
    (told,) = [entry for entry in await _told(city) if isinstance(entry, LookUp)]
    assert (told.found, told.too_many, told.subjects) == (MOST + 1, True, ())


REFUSED = (
    ("counter", "SELECT * FROM access_outbox"), ("counter", "DELETE FROM access_outbox"),
    ("counter", "SELECT * FROM staff"), ("counter", "SELECT tie_of('counter-1', '0000000019')"),
    ("certificate", "DELETE FROM access_outbox"), ("register", "DELETE FROM access_outbox"),
    ("relay", "SELECT * FROM history"), ("relay", "SELECT * FROM access_log"), ("relay", "SELECT * FROM staff"),
)  # fmt: skip


async def test_nobody_else_reads_or_empties_the_outbox(city: Settings) -> None:
    for role, statement in REFUSED:
        connection = await connect(city, REGISTER_DATABASE.name(city.environment, CITY), role=role, principal=REGISTER)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(statement)
        finally:
            await connection.close()
