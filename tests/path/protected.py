"""Persons who are protected (支援措置) while offices are down and changes on their way, on the real pipeline."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from consumers.databases import database_of
from consumers.intermediate.answering import may_answer
from consumers.welfare.cases import place
from hub.databases import HUB_DATABASE
from hub.watch.counts import hub_standing
from hub.windows.flush import flush
from infra.check.findings import Report
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings
from producers.register.registrar import Registrar
from producers.register.standing import last_position
from tests.environments import named
from tests.filings import filing
from tests.path.deployment import Deployment, deployed, with_day_windows
from tests.path.shell import done, typed
from tests.path.telling import told_of
from tests.polling import until
from tests.unit.register.counter import AWAY, HOME, person
from topics.declared import declared_by_recipient
from topics.relationship import HEAD

CITY, SECONDS = "142158", 120.0
MOVED = {"ANNA": "海老名市合成二番2号", "BERTA": "海老名市合成三番3号", "OTTO": "海老名市合成四番4号"}
"""Where somebody moves: two who are protected, and one who is not."""
LOOK = ("--operator", "counter-1", "--purpose", "a test", "--case", "case-1")
_WATCH = """
CREATE TABLE seen (address text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM protection p WHERE p.subject = NEW.subject AND p.blocked) THEN
        INSERT INTO seen VALUES (NEW.items -> 'address' ->> 'text');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER see AFTER INSERT OR UPDATE ON secondary_copy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();
"""
"""What is committed while the person counts as unprotected is seen: an inquiry could have been answered with it."""


@dataclass
class Story:
    """What happened, for the tests to look at."""

    deployment: Deployment
    who: dict[str, str] = field(default_factory=dict)
    answers: dict[str, bool] = field(default_factory=dict)
    recalls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    exits: dict[str, int] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)
    cases: dict[str, tuple[bool, str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    report: Report | None = None

    @property
    def settings(self) -> Settings:
        """The deployment's settings."""
        return self.deployment.settings

    async def told(self, recipient: str, name: str) -> list[dict[str, Any]]:
        """What the recipient was sent of a person, read off the brokers' disks and opened with its key."""
        return await told_of(self.settings, recipient, self.who[name])


async def live_it(cluster: EmbeddedCluster, directory: Path) -> Story:
    """The whole story, one scene after the other."""
    settings = with_day_windows(named(cluster, "protected"), directory)
    story = Story(await deployed(settings.model_copy(update={"session_timeout_seconds": 6})))
    await _people(story)
    async with database(settings, "intermediate") as connection:
        await connection.execute(_WATCH)
    await _copy_is_down(story)
    await _on_the_way(story)
    await _by_hand_and_by_date(story)
    story.report = await story.deployment.verify()
    await _recalled_late(story)
    await _recall_refused(story)
    return story


async def _people(story: Story) -> None:
    await story.deployment.load(12)
    names = (*MOVED, "CARLA", "DORA", "EVA")
    filings = [
        filing("move-in-domestic", origin=AWAY, address=HOME, persons=[person(HEAD)], filed_on="2024-01-01",
                changed_on="2024-01-01")
        for _ in names
    ]  # fmt: skip
    outcomes = await _register(story, filings)
    story.who = {name: outcome.residents[0] for name, outcome in zip(names, outcomes, strict=True)}
    await place(story.settings, CITY, list(story.who.values()))
    await story.deployment.settle()


async def _copy_is_down(story: Story) -> None:
    """Provisional, then a move, then one who is not protected moves too; the copy's feed is down meanwhile."""
    _kill(story, "intermediate")
    await protect(story, "provisional", "ANNA", "--level", "address")
    await _move(story, "ANNA", "OTTO")
    await _routed(story)
    await flush(story.settings)
    story.deployment.supervisor.start_one("intermediate")
    await story.deployment.settle()
    await _ask(story, "ANNA", "OTTO")


async def _on_the_way(story: Story) -> None:
    """The move lies on the topic when the protection is filed: the hub takes both up at once."""
    _kill(story, "hub")
    await _move(story, "BERTA")
    await protect(story, "provisional", "BERTA", "--level", "record")
    story.deployment.supervisor.start_one("hub")
    await story.deployment.settle()
    await _ask(story, "BERTA")
    story.recalls["on the way"] = (await _recalls(story, "on the way", "--show-residents", *LOOK))[0]


async def _by_hand_and_by_date(story: Story) -> None:
    """One term is long over and lifts nothing; another protection is ended by somebody."""
    await protect(story, "provisional", "CARLA", "--level", "address", "--on", "2024-01-10")
    await protect(story, "full", "CARLA", "--on", "2024-02-01")
    await story.deployment.settle()
    await _ask(story, "CARLA")
    story.listed = json.loads((await done(story.settings, "protection", "list", *LOOK, "--json")).stdout)
    async with database(story.settings, "welfare") as connection:
        rows = await connection.fetch("SELECT addressee_number, blocked, protection FROM case_view")
    shown = {row["addressee_number"]: (row["blocked"], row["protection"]) for row in rows}
    story.cases = {name: shown[number] for name, number in story.who.items()}
    async with database(story.settings, "intermediate") as connection:
        story.seen = {row["address"] for row in await connection.fetch("SELECT address FROM seen")}
    await protect(story, "end", "ANNA")
    await story.deployment.settle()
    story.answers["ANNA, ended"] = await _may_answer(story, "ANNA")


async def _recalled_late(story: Story) -> None:
    _kill(story, "welfare")
    await protect(story, "provisional", "DORA", "--level", "address")
    await _routed(story)
    async with database(story.settings, "hub") as connection:
        late = "UPDATE recall SET due_at = now() - interval '1 hour' WHERE recipient = 'welfare' AND outcome IS NULL"
        await connection.execute(late)
    story.recalls["late"], _ = await _recalls(story, "late")
    story.deployment.supervisor.start_one("welfare")
    await story.deployment.settle()
    story.recalls["answered late"], _ = await _recalls(story, "answered late")


async def _recall_refused(story: Story) -> None:
    """The department's database takes no block any more: what cannot be applied is parked, and counts as refused."""
    async with database(story.settings, "welfare") as connection:
        await connection.execute("ALTER TABLE protection ADD CHECK (NOT blocked) NOT VALID")
    await protect(story, "provisional", "EVA", "--level", "address")
    await story.deployment.settle()
    story.recalls["refused"], _ = await _recalls(story, "refused")


async def protect(story: Story, step: str, name: str, *more: str) -> None:
    """Somebody files a step at the counter."""
    await done(
        story.settings, "protection", "file", step, "--resident", story.who[name], "--operator", "counter-1", *more
    )


async def _recalls(story: Story, scene: str, *more: str) -> tuple[list[dict[str, Any]], str]:
    result = await typed(story.settings, "protection", "recalls", "--json", *more)
    story.exits[scene] = result.exit_code
    return json.loads(result.stdout), result.stdout


async def _ask(story: Story, *names: str) -> None:
    for name in names:
        story.answers[name] = await _may_answer(story, name)


async def _may_answer(story: Story, name: str) -> bool:
    async with database(story.settings, "hub") as connection:
        link = await connection.fetchval(
            "SELECT link_number FROM recipient_resident WHERE recipient = 'intermediate' AND addressee_number = $1",
            story.who[name],
        )
    async with database(story.settings, "intermediate") as connection:
        return await may_answer(connection, CITY, link)


async def _move(story: Story, *names: str) -> None:
    filings = [
        filing(
            "move-within",
            places=[{"addressee_number": story.who[name], "relationship": HEAD}],
            address={**HOME, "text": MOVED[name]},
        )
        for name in names
    ]
    await _register(story, filings)


async def _register(story: Story, filings: Sequence[Any]) -> list[Any]:
    async with Registrar.open(story.settings, CITY) as registrar:
        outcomes = await registrar.register(filings)
    assert {outcome.result for outcome in outcomes} == {"registered"}
    return outcomes


async def _routed(story: Story) -> None:
    async def is_routed() -> bool:
        return (await hub_standing(story.settings, CITY)).next_position > await last_position(story.settings, CITY)

    await until(partial(is_routed), SECONDS)


def _kill(story: Story, name: str) -> None:
    (role,) = (role for role in story.deployment.supervisor.roles if role.name == name)
    story.deployment.supervisor.kill(role)


@asynccontextmanager
async def database(settings: Settings, kind: str) -> AsyncIterator[Connection]:
    """The hub's or a recipient's database as its owner sees it."""
    declared = HUB_DATABASE if kind == "hub" else database_of(declared_by_recipient()[kind])
    name = declared.name(settings.environment, CITY)
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        yield connection
    finally:
        await connection.close()
