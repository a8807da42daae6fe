"""Worked case 4, birth: version 1 has no My Number, the reply gives version 2, the prefecture hears only then.

Then worked case 10: what was registered on a day is resent, and who had lost something has it again.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from consumers.kit.outbox import enqueue, outbox_cipher
from consumers.welfare.cases import place
from infra.check.findings import Report
from infra.check.projection import person_fields
from infra.check.sources import Sent, read_copy, read_sent, read_subjects
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.keys import load_key
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from producers.register.databases import REGISTER_DATABASE
from producers.register.number_requests.asking import Asked, ask_again
from producers.register.registrar import Registrar
from tests.environments import named
from tests.filings import filing
from tests.path.deployment import Deployment, deployed
from tests.path.protected import database
from tests.path.shell import done, typed
from tests.path.telling import told_of
from tests.polling import until
from tests.unit.register.counter import ABROAD, AWAY, DAY, HOME, person
from topics.check_digits import is_my_number, resident_code_digit
from topics.declared import declared_by_recipient
from topics.messages.inbound import NumberReply
from topics.office_days import JAPAN

CITY, SECONDS = "142158", 60.0
AUTHORITY = "numbering"
FATHERS, WRONG = "983205673214", "123456789012"
NEVER_SENT = 999
CODES = [f"{body}{resident_code_digit(str(body))}" for body in range(2_000_000_000, 2_000_000_004)]


@dataclass
class Story:
    """What happened, for the tests to look at; `told` is what each recipient's topic holds of a person."""

    deployment: Deployment
    child: str = ""
    couple: tuple[str, ...] = ()
    before: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    told: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    sent: dict[str, list[Sent]] = field(default_factory=dict)
    lists: list[tuple[int, list[dict[str, Any]]]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    work: list[tuple[str, str]] = field(default_factory=list)
    outbox: list[Mapping[str, Any]] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)
    logs: str = ""
    report: Report | None = None
    copies: list[dict[str, Mapping[str, Any]]] = field(default_factory=list)
    resent: list[int] = field(default_factory=list)
    retold: list[dict[str, Any]] = field(default_factory=list)
    record: list[tuple[Any, ...]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    after: Report | None = None

    @property
    def settings(self) -> Settings:
        """The deployment's."""
        return self.deployment.settings


@pytest.fixture(scope="module")
def story(cluster: EmbeddedCluster) -> Iterator[Story]:
    lived = asyncio.run(_live(cluster))
    yield lived
    lived.deployment.supervisor.stop()


def test_at_version_1_everybody_entitled_hears_of_the_child_and_nobody_of_a_number(story: Story) -> None:
    assert [each["kind"] for each in story.before["addressee"]] == ["created"]
    assert [each["kind"] for each in story.before["welfare"]] == ["snapshot"]
    assert not any("my_number" in each["items"] for each in (*story.before["addressee"], *story.before["welfare"]))
    assert story.before["prefecture"] == story.before["jlis"] == []


def test_the_authority_is_told_the_resident_code_and_nothing_else(story: Story) -> None:
    assert [each["items"] for each in story.before[AUTHORITY]] == [{"resident_code": CODES[0]}]
    told = story.told[AUTHORITY, story.child]
    assert [each["kind"] for each in told] == ["created", "snapshot", "snapshot", "tombstone"]
    assert [each.get("supersedes") for each in told] == [None, [1], [2], None]
    assert told[-1]["items"] == {}


def test_a_reply_that_never_comes_is_asked_for_again_and_then_stuck(story: Story) -> None:
    assert story.asked == [Asked(again=1), Asked(stuck=1)]
    waiting, stuck, over = story.lists
    assert (waiting[0], [(each["state"], each["attempts"]) for each in waiting[1]]) == (0, [("asked", 1)])
    assert (stuck[0], [(each["state"], each["code"]) for each in stuck[1]]) == (2, [("stuck", "REG-NUMBER-NO-REPLY")])
    assert over == (0, [])
    assert story.child not in json.dumps(story.lists)


def test_wrong_replies_are_somebodys_work_and_doubled_right_ones_are_one(story: Story) -> None:
    """The three requests were answered thrice, with one number."""
    assert story.work == [("number-replied", "REG-NUMBER-CHECK-DIGIT"), ("number-replied", "REG-NUMBER-TAKEN")]
    assert story.parked == ["HUB-DELIVERY-UNKNOWN"]


def test_the_prefecture_and_the_delivery_address_hear_of_version_2_alone(story: Story) -> None:
    number = {recipient: _number(story, recipient) for recipient in ("prefecture", "jlis")}
    assert number["prefecture"] == number["jlis"]
    assert is_my_number(number["jlis"])
    assert {name: [each.history_number for each in sent] for name, sent in story.sent.items()} == {
        "prefecture": [2], "jlis": [2], "addressee": [1], "welfare": [1], AUTHORITY: [1, 1, 1, 2],
    }  # fmt: skip


def test_the_delivery_address_measures_its_texts_and_tells_the_city(story: Story) -> None:
    (told,) = story.told["jlis", story.child]
    items = told["items"]
    assert (items["address"], items["address_length"]) == (HOME["text"], len(HOME["text"]))
    assert (items["destination_name"], items["municipality"], items["persons"]) == (items["name"], CITY, 1)
    assert items["municipality_name_length"] == len(items["municipality_name"])
    assert not {"terminal", "print_class", "card_place", "residence_until"} & set(items)


def test_who_comes_from_abroad_is_numbered_too(story: Story) -> None:
    assert len({_number(story, "prefecture", who) for who in story.couple}) == 2
    for who in story.couple:
        assert [each["kind"] for each in story.told[AUTHORITY, who]] == ["created", "tombstone"]


def test_the_number_stood_in_plain_sight_nowhere(story: Story) -> None:
    number = _number(story, "jlis")
    waiting = [bytes(value) for row in story.outbox for value in row.values() if isinstance(value, bytes)]
    assert len(waiting) >= 3
    assert not any(each.encode() in value for each in (FATHERS, WRONG) for value in waiting)
    assert "HUB-DELIVERY-UNKNOWN" in story.logs
    assert not any(each in story.logs for each in (number, FATHERS, WRONG, *CODES))
    assert story.report is not None
    assert story.report.findings == ()


def test_worked_case_10_a_resend_leaves_what_is_equal_and_mends_what_is_not(story: Story) -> None:
    before, lost, after = story.copies
    assert set(lost) == set(before) - {story.child}
    assert after == before
    assert story.resent == [len(before)] * 2
    assert [(each["kind"], each["supersedes"]) for each in story.retold] == [("snapshot", [1])]
    assert set(story.record) == {
        (recipient, "lost at the server", "clerk-1", "clerk-2") for recipient in ("prefecture", "intermediate")
    }
    assert story.after is not None
    assert story.after.findings == ()


def test_a_resend_is_wanted_by_two_persons_for_a_reason_without_digits(story: Story) -> None:
    assert story.refusals == ["RESEND-PERSONS", "RESEND-REASON", "RESEND-PERIOD", "RESEND-NO-GRANT"]


def _number(story: Story, recipient: str, who: str = "") -> str:
    (told,) = story.told[recipient, who or story.child]
    return str(told["items"]["my_number"])


async def _live(cluster: EmbeddedCluster) -> Story:
    settings = named(cluster, "birth").model_copy(
        update={"numbers_by_request": True, "number_reply_hours": 0.0, "number_request_attempts": 2,
                "session_timeout_seconds": 6}
    )  # fmt: skip
    story = Story(await deployed(settings))
    await story.deployment.load(10)
    (authority,) = (role for role in story.deployment.supervisor.roles if role.name == AUTHORITY)
    story.deployment.supervisor.kill(authority)
    await _born(story)
    await _lost(story)
    await _wrong(story)
    story.deployment.supervisor.start_one(AUTHORITY)
    await until(partial(_nobody_waits, settings), SECONDS)
    await _from_abroad(story)
    await until(partial(_nobody_waits, settings), SECONDS)
    await story.deployment.settle()
    await _look(story)
    await _resent(story)
    await _refused(story)
    return story


async def _born(story: Story) -> None:
    father = person(my_number=FATHERS, resident_code=CODES[1])
    parents = await _file(story.settings, "move-in-domestic", origin=AWAY, address=HOME, persons=[father])
    child = person("子", birth_date=DAY, resident_code=CODES[0])
    born = await _file(story.settings, "birth", household_number=parents.household_number, child=child)
    (story.child,) = born.residents
    for recipient in ("addressee", AUTHORITY):
        await until(partial(_hears, story.settings, recipient, story.child), SECONDS)
    await place(story.settings, CITY, [story.child])
    await until(partial(_hears, story.settings, "welfare", story.child), SECONDS)
    for recipient in ("addressee", "welfare", "prefecture", "jlis", AUTHORITY):
        story.before[recipient] = await told_of(story.settings, recipient, story.child)
    story.lists.append(await _listed(story.settings))


async def _lost(story: Story) -> None:
    story.asked = [await ask_again(story.settings, CITY) for _ in range(2)]
    story.lists.append(await _listed(story.settings))


async def _wrong(story: Story) -> None:
    """What a disordered authority says: a number that is none, her father's, and one for nobody that was asked for."""
    (request,) = story.lists[-1][1]
    asked = story.before[AUTHORITY][0]["number"]
    drafts = [
        partial(NumberReply, party=AUTHORITY, municipality=CITY, generation=1, answers=answers, my_number=number)
        for answers, number in ((asked, WRONG), (asked, FATHERS), (NEVER_SENT, FATHERS))
    ]
    async with database(story.settings, AUTHORITY) as connection, connection.transaction():
        await enqueue(connection, CITY, drafts, outbox_cipher(load_key(story.settings, AUTHORITY)))
        story.outbox = [dict(row) for row in await connection.fetch("SELECT message, sealed_message FROM outbox")]
    await done(story.settings, "numbers", "retry", str(request["id"]), "--by", "clerk-1")


async def _from_abroad(story: Story) -> None:
    persons = [person(resident_code=CODES[2]), person("妻", resident_code=CODES[3])]
    arrived = await _file(story.settings, "move-in-abroad", origin=ABROAD, address=HOME, persons=persons)
    story.couple = arrived.residents


async def _look(story: Story) -> None:
    settings = story.settings
    story.lists.append(await _listed(settings))
    for recipient in ("addressee", "welfare", "prefecture", "jlis", AUTHORITY):
        for who in (story.child, *story.couple):
            story.told[recipient, who] = await told_of(settings, recipient, who)
        story.sent[recipient] = await read_sent(settings, CITY, recipient, story.child)
    listed = json.loads((await done(settings, "worklist", "list", "--json")).output)
    story.work = [(each["kind"], each["code"]) for each in listed]
    async with database(settings, "hub") as connection:
        story.parked = [row["code"] for row in await connection.fetch("SELECT code FROM parked")]
    story.logs = _logs(settings)
    story.report = await story.deployment.verify()


async def _resent(story: Story) -> None:
    """The prefecture loses the child's record; everything registered today is told anew to it and to another, within
    whose window a change that is nothing to it comes after."""
    settings, today = story.settings, datetime.now(JAPAN).date().isoformat()
    story.copies.append(await _copy(settings))
    async with database(settings, "prefecture") as connection:
        await connection.execute("DELETE FROM identity WHERE birth_date = $1", DAY)
    story.copies.append(await _copy(settings))
    for recipient in ("prefecture", "intermediate"):
        result = await done(settings, *_resend(recipient, today, today), "--json")
        story.resent.append(json.loads(result.output)["residents"])
    await _file(settings, "ex-officio-correction", resident=story.child, remarks="合成")
    await story.deployment.settle()
    story.copies.append(await _copy(settings))
    story.retold = (await told_of(settings, "intermediate", story.child))[1:]
    name = REGISTER_DATABASE.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        by_two = "SELECT recipient, reason, asked_by, second FROM retelling WHERE second IS NOT NULL"
        rows = await connection.fetch(by_two)
    finally:
        await connection.close()
    story.record = [tuple(row) for row in rows]
    story.after = await story.deployment.verify()


async def _refused(story: Story) -> None:
    today = datetime.now(JAPAN).date().isoformat()
    for words in (
        _resend("prefecture", today, today, second="clerk-1"),
        _resend("prefecture", today, today, reason="lost on day 3"),
        _resend("prefecture", today, "2026-01-01"),
        _resend("nobody", today, today),
    ):
        result = await typed(story.settings, *words)
        assert result.exit_code == 1
        story.refusals.append(result.stderr.partition(":")[0])


def _resend(
    recipient: str, first: str, last: str, *, reason: str = "lost at the server", second: str = "clerk-2"
) -> tuple[str, ...]:
    period = ("--from", first, "--to", last)
    return ("resend", recipient, *period, "--reason", reason, "--by", "clerk-1", "--second", second)


async def _copy(settings: Settings) -> dict[str, Mapping[str, Any]]:
    """What the prefecture holds of each resident, but for what describes the sending."""
    grant = declared_by_recipient()["prefecture"]
    subjects, fields = await read_subjects(settings, CITY, grant), set(person_fields(grant))
    rows = await read_copy(settings, CITY, grant)
    return {subjects[subject]: {k: v for k, v in row.items.items() if k in fields} for subject, row in rows.items()}


def _logs(settings: Settings) -> str:
    files = (settings.state_directory / "logs").glob("*.log")
    return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)


async def _file(settings: Settings, kind: str, **items: Any) -> Any:
    async with Registrar.open(settings, CITY) as registrar:
        (outcome,) = await registrar.register([filing(kind, **items)])
    assert outcome.result == "registered", outcome.code
    return outcome


async def _listed(settings: Settings) -> tuple[int, list[dict[str, Any]]]:
    result = await typed(settings, "numbers", "list", "--json")
    return result.exit_code, json.loads(result.stdout)


async def _nobody_waits(settings: Settings) -> bool:
    return (await _listed(settings))[1] == []


async def _hears(settings: Settings, recipient: str, who: str) -> bool:
    return bool(await told_of(settings, recipient, who))
