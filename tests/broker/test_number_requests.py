"""Number requests on a real PostgreSQL: a reply late, lost, doubled or wrong ends right or on the stuck list."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import asyncpg
import pytest
import structlog
from aiokafka import ConsumerRecord
from pydantic_core import from_json, to_json

from infra.runtime.key_ring import KeyRing, create_keys
from infra.runtime.migrations import prepare_databases
from infra.runtime.postgres import connect
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.filings import parse_filing
from producers.register.inbox.lane import Lane, open_lane
from producers.register.inbox.worklist import entries
from producers.register.number_requests.asking import Asked, ask_again
from producers.register.number_requests.listing import requests, retry
from producers.register.serials import numbered
from tests.filings import told
from tests.sealing import sealed_as
from tests.unit.register.counter import ABROAD, AWAY, DAY, HOME, person
from topics.check_digits import my_number_digit, resident_code_digit
from topics.envelope.places import register_terms
from topics.messages.register_inbound import NumberReplied

CITY = "142158"
STRANGER = numbered(range(100_000_700, 100_000_800))[0]
RIGHT, OTHER, WRONG = "123456789018", "983205673214", "123456789012"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Town:
    """A register with its inbox; `heads` have numbers, and their children have none."""

    settings: Settings
    lane: Lane
    heads: list[str] = field(default_factory=list)
    homes: list[str] = field(default_factory=list)
    serials: Any = field(default_factory=lambda: count(1))

    async def file(self, kind: str, **items: Any) -> tuple[str, ...]:
        """The residents whom a filing changed; it must stand."""
        filing = parse_filing(to_json(told(kind, **items), exclude_none=True))
        (outcome,) = await self.lane.registrar.register([filing])
        assert outcome.result == "registered", outcome.code
        self.homes.append(outcome.household_number or "")
        return outcome.residents

    async def settles(self, number: str) -> None:
        """A household whose head has this My Number."""
        head = person(my_number=number, resident_code=self.code())
        self.heads += await self.file("move-in-domestic", origin=AWAY, address=HOME, persons=[head])

    async def born(self) -> str:
        """A child with a resident code and no number."""
        child = person("子", birth_date=DAY, resident_code=self.code())
        return (await self.file("birth", household_number=self.homes[0], child=child))[0]

    async def replied(self, *replies: tuple[str, str]) -> None:
        """Messages of the organisation: for whom, and which number; one batch."""
        await self.lane.settle(self._records([self._reply(who, number) for who, number in replies]))

    def code(self) -> str:
        body = f"{10**9 + next(self.serials) * 7:010d}"
        return body + resident_code_digit(body)

    async def standing(self) -> list[tuple[str, str | None]]:
        """State and code of every request, the oldest first."""
        return [tuple(row) for row in await self.rows("SELECT state, code FROM number_request ORDER BY id")]

    async def work(self) -> list[tuple[str, str]]:
        """What somebody has to see to."""
        return [(each.kind, each.code) for each in await entries(self.settings, CITY)]

    async def rows(self, query: str, *arguments: object) -> list[Any]:
        """What the administrator reads in the register."""
        name = REGISTER_DATABASE.name(self.settings.environment, CITY)
        connection: asyncpg.Connection = await connect(self.settings, name, role="admin", principal="admin")
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    def _reply(self, who: str, number: str) -> NumberReplied:
        serial = next(self.serials)
        origin = {"municipality": CITY, "number": serial, "party": "numbering", "party_number": serial}
        return NumberReplied.model_validate(
            {**origin, "received_at": NOW, "addressee_number": who, "my_number": number}
        )

    def _records(self, messages: Sequence[NumberReplied]) -> list[ConsumerRecord]:
        terms, first = register_terms(self.settings.environment, CITY), self.lane.progress.next_offset
        values = [sealed_as(self.settings, terms, CITY, message.number, message.to_wire()) for message in messages]
        return [
            ConsumerRecord(terms.topic, 0, offset, 0, 0, CITY.encode(), value, None, 0, len(value), ())
            for offset, value in enumerate(values, start=first)
        ]


@pytest.fixture
async def town(settings: Settings) -> AsyncIterator[Town]:
    own = settings.model_copy(update={"number_reply_hours": 0.0, "number_request_attempts": 3})
    create_keys(own, [])
    await prepare_databases(own, (REGISTER_DATABASE, NUMBERS_DATABASE))
    async with _lane(own) as lane:
        running = Town(own, lane)
        await running.settles(OTHER)
        yield running


async def test_who_needs_a_number_is_asked_for_in_the_transaction_that_makes_her_need_it(town: Town) -> None:
    child = await town.born()
    persons = [person(resident_code=town.code()), person("妻")]
    first, second = await town.file("move-in-abroad", origin=ABROAD, address=HOME, persons=persons)
    await town.file("number-entry", resident=second, resident_code=town.code())
    asked = await town.rows("SELECT addressee_number, state FROM number_request ORDER BY id")
    assert [tuple(row) for row in asked] == [(child, "asked"), (first, "asked"), (second, "asked")]
    await town.file("death", resident=child)
    assert (await town.standing())[0] == ("withdrawn", None)


async def test_a_reply_is_entered_and_told_and_the_same_once_more_is_nothing(town: Town) -> None:
    child = await town.born()
    await town.replied((child, RIGHT), (child, RIGHT))
    await town.replied((child, RIGHT))
    assert await town.standing() == [("answered", None)]
    assert await town.work() == []
    history = await town.rows("SELECT reason, record FROM history WHERE addressee_number = $1 ORDER BY 1", child)
    assert len(history) == 2
    assert ["my_number" in from_json(row["record"]) for row in history].count(True) == 1
    events = await town.rows("SELECT event FROM outbox WHERE addressee_number = $1 ORDER BY position", child)
    assert from_json(events[-1]["event"])["history_number"] == 2
    assert not any(RIGHT.encode() in row["event"] for row in events)


async def test_another_number_for_who_has_one_is_somebodys_work_and_changes_nothing(town: Town) -> None:
    child = await town.born()
    await town.replied((child, RIGHT))
    await town.replied((child, _number(5)))
    assert await town.standing() == [("answered", None)]
    assert await town.work() == [("number-replied", "REG-NUMBER")]


@pytest.mark.parametrize(
    ("number", "code"), [(WRONG, "REG-NUMBER-CHECK-DIGIT"), (OTHER, "REG-NUMBER-TAKEN")], ids=["check digit", "taken"]
)
async def test_a_number_that_cannot_be_hers_leaves_the_request_stuck_until_a_right_one_comes(
    town: Town, number: str, code: str
) -> None:
    child = await town.born()
    await town.replied((child, number))
    assert await town.standing() == [("stuck", code)]
    assert await town.work() == [("number-replied", code)]
    assert await ask_again(town.settings, CITY) == Asked()
    await town.replied((child, RIGHT))
    assert await town.standing() == [("answered", None)]


async def test_of_two_who_get_one_number_in_one_batch_the_second_is_stuck(town: Town) -> None:
    first, second = await town.born(), await town.born()
    await town.replied((first, RIGHT), (second, RIGHT))
    assert await town.standing() == [("answered", None), ("stuck", "REG-NUMBER-TAKEN")]


async def test_who_is_no_resident_or_unknown_gets_no_number_and_somebody_sees_it(town: Town) -> None:
    child = await town.born()
    await town.file("death", resident=child)
    await town.replied((child, RIGHT), (STRANGER, _number(6)))
    assert await town.work() == [("number-replied", "REG-ACTIVE"), ("number-replied", "REG-UNKNOWN-RESIDENT")]


async def test_a_number_that_was_entered_and_taken_back_may_be_hers_again(town: Town) -> None:
    child = await town.born()
    await town.replied((child, RIGHT))
    entry = await town.rows("SELECT filing_id FROM history WHERE addressee_number = $1 AND history_number = 2", child)
    await town.file("annulment", annuls=str(entry[0]["filing_id"]))
    assert await town.standing() == [("asked", None)]
    await town.replied((child, RIGHT))
    assert (await town.standing(), await town.work()) == ([("answered", None)], [])


async def test_what_is_lost_is_asked_again_so_often_then_stuck_then_asked_by_hand_and_may_come_late(town: Town) -> None:
    child = await town.born()
    asked = [await ask_again(town.settings, CITY) for _ in range(3)]
    assert asked == [Asked(again=1), Asked(again=1), Asked(stuck=1)]
    assert await town.standing() == [("stuck", "REG-NUMBER-NO-REPLY")]
    (listed,) = await requests(town.settings, CITY)
    assert (listed.attempts, child in repr(listed)) == (3, False)
    await retry(town.settings, CITY, listed.id, "clerk-1")
    assert await town.standing() == [("asked", None)]
    told = await town.rows("SELECT position, recipient, asked_by FROM retelling ORDER BY position")
    assert [(row["recipient"], row["asked_by"]) for row in told] == [
        ("numbering", "register-clock"),
        ("numbering", "register-clock"),
        ("numbering", "clerk-1"),
    ]
    events = await town.rows("SELECT event FROM outbox WHERE position >= $1 ORDER BY position", told[0]["position"])
    assert [from_json(row["event"])["type"] for row in events] == ["retelling"] * 3
    await town.replied((child, RIGHT))
    assert await town.standing() == [("answered", None)]


async def test_only_what_is_stuck_is_made_again_and_by_an_account(town: Town) -> None:
    await town.born()
    (listed,) = await requests(town.settings, CITY)
    for number, by, code in (
        (listed.id, "clerk-1", "NUMBERS-NOT-STUCK"),
        (999, "clerk-1", "NUMBERS-UNKNOWN"),
        (1, "合成", "WORKLIST-PERSON"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            await retry(town.settings, CITY, number, by)
        assert refused.value.code == code


def _number(serial: int) -> str:
    body = f"{20_000_000_000 + serial * 13}"
    return body + my_number_digit(body)


@asynccontextmanager
async def _lane(settings: Settings) -> AsyncIterator[Lane]:
    async with open_lane(settings, CITY, KeyRing(settings), structlog.get_logger()) as lane:
        await lane.take_up(0)
        yield lane
