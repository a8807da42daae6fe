"""Traces: from a filing to its acknowledgement one can follow links; nobody's records share a trace; nothing is told of
anybody, nor that somebody was told who would give it away.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from consumers.welfare.cases import place
from hub.commandline.deployment import grants_now
from hub.commandline.verify import departures_now
from infra.check.canaries import Canary, Kind, Scan
from infra.check.segments import segments, stored_records
from infra.embedded.cluster import EmbeddedCluster
from infra.runtime.settings import Settings
from infra.runtime.tracing import stop_traces
from producers.register.filings import Filing
from producers.register.registrar import Outcome, Registrar
from tests.collector import Collector, Context, Kept, collector
from tests.environments import named
from tests.filings import filing
from tests.path.canaries import VALUES, planted_values
from tests.path.deployment import Deployment, deployed
from tests.unit.register.counter import AWAY
from topics.catalogue import change_topic, in_topic, out_topic
from topics.messages.headers import ID, TRACEPARENT

CITY = "142158"
TRACED = {"addressee", "jlis", "prefecture"}
GIVEN_AWAY = {"welfare", "intermediate"}
"""Who is told something in this story, and whose being told would tell of the person, or join what must not be."""
LEFT_OUT = "0" * 55
FILING = "register filing"


@dataclass(frozen=True)
class Story:
    """What was exported, what lies on the topics, and the values that were planted."""

    settings: Settings
    heard: Collector
    spans: Sequence[Kept]
    canaries: Sequence[Canary]

    def named(self, name: str) -> list[Kept]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]

    def contexts(self, topic: str) -> list[str | None]:
        """The context on each record of a topic; a double, which is the same event under the same context, once."""
        records = [
            record
            for file in segments(self.settings.state_directory, topic)
            for record in stored_records(file.read_bytes())
        ]
        told = {(headers.get(ID), headers.get(TRACEPARENT)) for headers in (dict(record.headers) for record in records)}
        return [None if context is None else context.decode() for _, context in told]

    @property
    def changes(self) -> str:
        """The change topic."""
        return change_topic(self.settings.environment)

    def out(self, recipient: str) -> str:
        """The recipient's topic."""
        grant = next(grant for grant in grants_now(self.settings) if grant.recipient == recipient)
        return out_topic(self.settings.environment, grant)


@pytest.fixture(scope="module")
def story(cluster: EmbeddedCluster) -> Iterator[Story]:
    """A couple moves in, welfare takes them on, and one of them goes; every role has stopped since."""
    with collector() as heard:
        settings = named(cluster, "traced").model_copy(update={"traces_url": heard.url})
        outcomes = asyncio.run(_live(settings))
        stop_traces()
        yield Story(settings, heard, heard.spans(), [*planted_values(), *_given(outcomes)])


async def _live(settings: Settings) -> list[Outcome]:
    deployment = await deployed(settings)
    try:
        async with Registrar.open(settings, CITY) as registrar:
            (moved_in,) = await _registered(deployment, registrar, _couple())
            await place(settings, CITY, moved_in.residents)
            await deployment.settle()
            later = [
                filing("ex-officio-correction", resident=resident, registered_domicile=VALUES[Kind.DOMICILE][1])
                for resident in moved_in.residents
            ]
            gone = await _registered(deployment, registrar, *later, filing("death", resident=moved_in.residents[0]))
        assert (await deployment.verify()).findings == ()
        assert [d for d in await asyncio.to_thread(departures_now, settings) if d.kind in ("key", "header")] == []
        return [moved_in, *gone]
    finally:
        deployment.supervisor.stop()


async def _registered(deployment: Deployment, registrar: Registrar, *filings: Filing) -> list[Outcome]:
    outcomes = await registrar.register(filings)
    assert {outcome.result for outcome in outcomes} == {"registered"}, [outcome.code for outcome in outcomes]
    await deployment.settle()
    return outcomes


def _couple() -> Filing:
    address = {"text": VALUES[Kind.ADDRESS][0], "municipality": CITY, "postal_code": "2430432", "town_code": "00001"}
    return filing("move-in-domestic", origin=AWAY, address=address, persons=[_person(0, "世帯主"), _person(2, "妻")])


def _person(index: int, relationship: str) -> dict[str, Any]:
    native = {"registered_domicile": VALUES[Kind.DOMICILE][index], "domicile_head": VALUES[Kind.NAME][index]}
    numbers = {"my_number": VALUES[Kind.MY_NUMBER][index], "resident_code": VALUES[Kind.RESIDENT_CODE][index]}
    name = {"text": VALUES[Kind.NAME][index], "kana": VALUES[Kind.READING][index]}
    person = {"name": name, "birth_date": "1980-02-29", "sex": "1", "relationship": relationship}
    return {**person, **native, **numbers}


def _given(outcomes: Sequence[Outcome]) -> Iterator[Canary]:
    """The numbers that the register gave."""
    for ordinal, resident in enumerate(outcomes[0].residents, start=1):
        yield Canary(Kind.ADDRESSEE_NUMBER, ordinal, resident)
    yield Canary(Kind.HOUSEHOLD_NUMBER, 1, outcomes[0].household_number or "")


def test_from_a_filing_one_can_follow_links_to_its_acknowledgement(story: Story) -> None:
    relayed, routed = story.named(f"send {story.changes}"), story.named(f"process {story.changes}")
    filings = story.named(FILING)
    assert [_role(filings), _role(relayed), _role(routed)] == ["register", "relay", "hub"]
    assert len(filings) == 4
    for filed in filings:
        changes = _caused_by(filed, story.named(f"create {story.changes}"))
        assert changes
        for change in changes:
            assert len(_caused_by(change, relayed)) >= 1
            assert len(_caused_by(change, routed)) >= 1
    assert {name for name in TRACED for filed in filings if _is_acknowledged(story, filed, name)} == TRACED


def _is_acknowledged(story: Story, filed: Kept, recipient: str) -> bool:
    """Whether the chain from the filing to the hub's taking in of the recipient's acknowledgement is whole."""
    changes = _caused_by(filed, story.named(f"create {story.changes}"))
    deliveries = _all_caused_by(changes, story.named(f"create {story.out(recipient)}"))
    applied = _all_caused_by(deliveries, story.named(f"process {story.out(recipient)}"))
    taken = _all_caused_by(applied, story.named(f"process {in_topic(story.settings.environment, recipient)}"))
    assert [_role(spans) for spans in (deliveries, applied, taken) if spans] in ([], ["hub", recipient, "hub"])
    return bool(taken)


def _caused_by(cause: Kept, spans: Sequence[Kept]) -> list[Kept]:
    return [span for span in spans if cause.context in span.links]


def _all_caused_by(causes: Sequence[Kept], spans: Sequence[Kept]) -> list[Kept]:
    return [span for span in spans if any(cause.context in span.links for cause in causes)]


def _role(spans: Sequence[Kept]) -> str:
    (role,) = {span.role for span in spans}
    return role


def test_no_two_changes_or_deliveries_share_a_trace(story: Story) -> None:
    topics = [story.changes, *(story.out(recipient) for recipient in TRACED)]
    contexts = [context for topic in topics for context in story.contexts(topic)]
    assert len(contexts) > 3 * len(TRACED)
    assert None not in contexts
    traces = Counter((context or LEFT_OUT)[3:35] for context in contexts)
    assert set(traces.values()) == {1}
    returned = [context for recipient in TRACED for context in story.contexts(_in(story, recipient))]
    assert None not in returned
    assert traces.keys().isdisjoint((context or LEFT_OUT)[3:35] for context in returned)


def test_nothing_leads_to_whom_a_delivery_alone_would_give_away(story: Story) -> None:
    others = {grant.recipient for grant in grants_now(story.settings)} - TRACED
    for recipient in GIVEN_AWAY:
        assert story.contexts(story.out(recipient))
        assert story.contexts(_in(story, recipient))
    for recipient in others:
        assert {*story.contexts(story.out(recipient)), *story.contexts(_in(story, recipient))} <= {None}
    assert {span.role for span in story.spans} == {"register", "relay", "hub", *TRACED}
    topics = {
        story.changes,
        *(each(recipient) for recipient in TRACED for each in (story.out, lambda r: _in(story, r))),
    }
    assert {span.attributes.get("messaging.destination.name") for span in story.spans} == {None, *topics}
    known = {span.context for span in story.spans}
    assert {link for span in story.spans for link in span.links} <= known | _leading_nowhere(story, topics)


def _leading_nowhere(story: Story, topics: set[str]) -> set[Context]:
    """The contexts on records that no span stands for."""
    contexts = {context for topic in topics for context in story.contexts(topic)}
    return {(bytes.fromhex(each[3:35]), bytes.fromhex(each[36:52])) for each in contexts if each}


def _in(story: Story, recipient: str) -> str:
    return in_topic(story.settings.environment, recipient)


def test_a_change_shares_its_delivery_with_no_other(story: Story) -> None:
    """Each delivery's span has one cause, a trace of its own, and no parent."""
    created = [span for span in story.spans if span.name.startswith("create ")]
    assert {len(span.links) for span in created} == {1}
    assert len({span.context[0] for span in story.spans}) == len(story.spans)
    assert not any(span.parent for span in story.spans)


def test_nothing_of_anybody_is_exported(story: Story) -> None:
    scan = Scan(story.canaries)
    exported = b"\n".join(story.heard.requests)
    assert list(scan.leaks("exported", exported)) == []
    planted = exported + VALUES[Kind.NAME][0].encode() + VALUES[Kind.ADDRESS][0].encode()
    assert {leak.kind for leak in scan.leaks("planted", planted)} == {Kind.NAME, Kind.ADDRESS}
    allowed = {
        "kairan.municipality", "messaging.system", "messaging.destination.name", "messaging.operation.type",
        "messaging.batch.message_count",
    }  # fmt: skip
    assert {name for span in story.spans for name in span.attributes} == allowed
