"""Inquiries through the broker: an institution is answered only under its own link code, for a published copy of an
unprotected person; each answer is logged, once, whatever was killed."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import TopicAuthorizationFailedError

from consumers.institution.asking import ask, new_inquiry, seal, send
from hub.commandline.abuse.link import fetch, produce, told, word
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.databases import database_name
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings
from tests.environments import named
from tests.path.deployment import Deployment, deployed
from tests.path.shell import done, typed
from tests.polling import until
from tests.sealing import opened_records
from topics.catalogue import answer_topic, inquiry_topic
from topics.envelope.places import answer_terms, inquiry_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.guarded import LinkCode
from topics.institutions import INTERMEDIATE
from topics.messages.inquiry import Answer, Inquiry

CITY, PENSION, TAX = "142158", "pension-office", "tax-office"
PURPOSE, ITEMS = "pension-payment", (5, 14)
KILLED_OVER = 40


@dataclass(slots=True)
class Story:
    """What was asked and what came of it, by the name of the scene."""

    deployment: Deployment
    ring: KeyRing
    codes: dict[tuple[str, str], LinkCode] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    once: set[str] = field(default_factory=set)

    @property
    def settings(self) -> Settings:
        return self.deployment.settings

    def question(
        self, who: str, *, of: str = PENSION, purpose: str = PURPOSE, items: tuple[int, ...] = ITEMS
    ) -> Inquiry:
        """The pension office's question about a person by the code that `of` has of her."""
        return new_inquiry(PENSION, CITY, purpose, items, self.codes[of, self.people[who]])


@pytest.fixture(scope="module")
def story(cluster: EmbeddedCluster) -> Iterator[Story]:
    """Everything happened; the tests look."""
    told = asyncio.run(_play(named(cluster, "asked").model_copy(update={"session_timeout_seconds": 6})))
    yield told
    told.deployment.supervisor.stop()


async def _play(settings: Settings) -> Story:
    story = Story(await deployed(settings), KeyRing(settings))
    await story.deployment.load(12)
    await story.deployment.settle()
    await _know(story)
    await _ask(story)
    await _knock(story)
    await _killed(story)
    story.log = json.loads((await done(settings, "inquiry", "log", "--last", "1000", "--json")).stdout)
    return story


async def _know(story: Story) -> None:
    """Three persons: one as she is, one protected, one whose copy is no longer published."""
    for row in await _rows(story, "SELECT institution, code, link_number FROM link_code"):
        story.codes[row["institution"], row["link_number"]] = LinkCode(row["code"])
    asked = "SELECT addressee_number, link_number FROM recipient_resident WHERE recipient = 'intermediate' ORDER BY 1"
    known = {row["addressee_number"]: row["link_number"] for row in await _rows(story, asked, "hub")}
    protected, *others = known
    story.people = {"protected": known[protected], "open": known[others[0]], "withdrawn": known[others[1]]}
    step = ("protection", "file", "provisional", "--level", "address", "--operator", "counter-1")
    await done(story.settings, *step, "--resident", protected)
    await story.deployment.settle()
    await _rows(
        story,
        "UPDATE secondary_copy SET published_to = now() WHERE link_number = $1",
        "intermediate",
        story.people["withdrawn"],
    )


async def _ask(story: Story) -> None:
    questions = {
        "open": story.question("open"),
        "protected": story.question("protected"),
        "withdrawn": story.question("withdrawn"),
        "of another institution": story.question("open", of=TAX),
        "of nobody": new_inquiry(PENSION, CITY, PURPOSE, ITEMS, LinkCode("a" * 26)),
        "item": story.question("open", items=(5, 17)),
        "purpose": story.question("open", purpose="tax-assessment"),
    }
    found = await ask(story.settings, story.ring, list(questions.values()), seconds=30)
    story.answers = {scene: found[question.inquiry_id] for scene, question in questions.items()}


async def _knock(story: Story) -> None:
    """What must be refused: the same words again, another's name, another's key, another's words, no envelope."""
    again = story.question("open")
    values = seal(story.settings, story.ring, [again])
    other = new_inquiry(TAX, CITY, "tax-assessment", (5,), story.codes[TAX, story.people["open"]])
    terms = inquiry_terms(story.settings.environment, PENSION, CITY)
    by_other = Sealer(terms, story.ring.between(TAX, INTERMEDIATE))
    by_own = Sealer(terms, story.ring.between(PENSION, INTERMEDIATE))
    head = Head(key=CITY, event_id=again.inquiry_id, number=1, sequence=1)
    values += [values[0], *seal(story.settings, story.ring, [other]), by_other.seal(head, again.to_wire())]
    values += [by_own.seal(head, other.to_wire()), by_own.seal(head, b"{}"), b"no envelope"]
    await send(story.settings, values, PENSION, CITY)
    await _entered(story, len(story.answers) + len(values))


async def _killed(story: Story) -> None:
    """The intermediate server is killed while it answers, time and again."""
    questions = [story.question("open") for _ in range(KILLED_OVER)]
    story.once = {question.inquiry_id for question in questions}
    supervisor = story.deployment.supervisor
    before = await _count(story)
    for place in range(0, KILLED_OVER, 10):
        await send(story.settings, seal(story.settings, story.ring, questions[place : place + 10]), PENSION, CITY)
        if place == 10:
            await _entered(story, before + 1)
        (running,) = [role for role in supervisor.roles if role.name == INTERMEDIATE]
        supervisor.kill(running)
        supervisor.start_one(INTERMEDIATE)
    await _entered(story, before + KILLED_OVER)
    await until(lambda: _is_sent(story), 30, "answers were not sent")


async def _is_sent(story: Story) -> bool:
    return not await _rows(story, "SELECT FROM answer_outbox")


async def _entered(story: Story, entries: int) -> None:
    async def there() -> bool:
        return await _count(story) >= entries

    await until(there, 40, "inquiries were not entered")


async def _count(story: Story) -> int:
    return int((await _rows(story, "SELECT count(*) FROM provision"))[0][0])


async def _rows(story: Story, query: str, kind: str = INTERMEDIATE, *arguments: object) -> list[Any]:
    name = database_name(kind, story.settings.environment, CITY)
    connection = await connect(story.settings, name, role="admin", principal="admin")
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()


def test_the_own_code_of_an_unprotected_person_is_answered_with_the_items_asked_for(story: Story) -> None:
    answer = story.answers["open"]
    assert answer.outcome == "answered" and answer.version is not None
    assert answer.items is not None and set(answer.items) == {"name", "address"}


@pytest.mark.parametrize("scene", ["protected", "withdrawn", "of another institution", "of nobody"])
def test_everything_else_is_not_answered_in_the_same_words(story: Story, scene: str) -> None:
    anonymous = {"number": 1, "inquiry_id": "0" * 32}
    nobody = story.answers["of nobody"].model_copy(update=anonymous)
    assert story.answers[scene].model_copy(update=anonymous) == nobody
    assert nobody.outcome == "not-answered" and nobody.items is None


@pytest.mark.parametrize("scene", ["item", "purpose"])
def test_what_is_not_declared_is_not_permitted(story: Story, scene: str) -> None:
    assert story.answers[scene].outcome == "not-permitted" and story.answers[scene].items is None


def test_every_inquiry_is_logged_with_what_came_of_it(story: Story) -> None:
    first = [entry["code"] for entry in reversed(story.log)][: len(story.answers)]
    assert sorted(first) == sorted(
        ["INQUIRY-ANSWERED", "INQUIRY-NOT-AUTOMATIC", "INQUIRY-NOT-PUBLISHED"]
        + ["INQUIRY-CODE-NOT-VALID"] * 2
        + ["INQUIRY-ITEM-NOT-PERMITTED", "INQUIRY-PURPOSE-NOT-DECLARED"]
    )


@pytest.mark.parametrize(
    "code",
    ["INQUIRY-DOUBLED", "ENV-SENDER", "ENV-KEY-UNKNOWN", "INQUIRY-NOT-OURS", "INQUIRY-UNDECODABLE", "ENV-MALFORMED"],
)
def test_each_wall_refuses_with_its_code_and_answers_nothing(story: Story, code: str) -> None:
    assert [entry["outcome"] for entry in story.log if entry["code"] == code] == ["refused"]


async def test_a_killed_server_answers_each_once(story: Story) -> None:
    logged = [entry["inquiry_id"] for entry in story.log if entry["inquiry_id"] in story.once]
    assert sorted(logged) == sorted(story.once)
    terms = answer_terms(story.settings.environment, PENSION, CITY)
    answers = [Answer.from_wire(payload) for payload in opened_records(story.settings, terms)]
    by_number = {answer.number: answer for answer in answers}
    assert all(by_number[answer.number] == answer for answer in answers)
    assert sorted(by_number) == list(range(1, len(by_number) + 1))
    assert len({answer.inquiry_id for answer in by_number.values()}) == len(by_number)
    assert story.once < {answer.inquiry_id for answer in by_number.values()}


async def test_no_code_and_no_person_is_in_the_log_that_is_shown(story: Story) -> None:
    shown = json.dumps(story.log)
    kept = " ".join(row[0] for row in await _rows(story, "SELECT provision::text FROM provision"))
    for (_, link_number), code in story.codes.items():
        secret = code._value
        assert secret not in shown + kept and link_number not in shown


@pytest.mark.parametrize(
    ("who", "topic", "writes"),
    [
        (TAX, inquiry_topic, True),
        (TAX, answer_topic, False),
        (INTERMEDIATE, inquiry_topic, True),
        ("hub", inquiry_topic, False),
        ("hub", answer_topic, False),
        (PENSION, answer_topic, True),
    ],
)
async def test_the_broker_keeps_everybody_else_from_an_institutions_topics(
    story: Story, who: str, topic: Any, writes: bool
) -> None:
    name = topic(story.settings.environment, PENSION)
    request = produce(name, b"synthetic") if writes else fetch(name)
    assert await told(story.settings, who, request) == word(TopicAuthorizationFailedError.errno)


async def test_the_command_asks(story: Story, tmp_path: Path) -> None:
    file = tmp_path / "codes"
    file.write_text("\n".join(story.codes[PENSION, story.people[who]]._value for who in ("open", "protected")))
    asked = ("inquiry", "ask", "--institution", PENSION, "--code-file", str(file), "--purpose", PURPOSE, "--json")
    result = await typed(story.settings, *asked, "--items", "5")
    assert result.exit_code == 1, result.output
    assert [answer["outcome"] for answer in json.loads(result.stdout)] == ["answered", "not-answered"]
    refused = await typed(story.settings, *asked, "--items", "five")
    assert refused.exit_code == 1 and "INQUIRY-FORM" in refused.stderr
