"""Verification (検証): holds register, topics and copies against each other, city by city; I1-I7 of the design.

Run it when the pipeline is at rest: what is under way is reported as missing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from infra.check.counterparty import remaining, since
from infra.check.disclosures import Place
from infra.check.entitlement import Owed, owed, possible
from infra.check.findings import Finding, Invariant, Report
from infra.check.ledger import ledger_findings
from infra.check.parked import KeptBack, kept_back
from infra.check.projection import person_fields, triggers
from infra.check.protected import of_protections
from infra.check.protection import UNPROTECTED
from infra.check.sources import (
    CopyRow,
    Register,
    read_began,
    read_copy,
    read_interests,
    read_protections_kept,
    read_register,
    read_set_aside,
    read_subjects,
)
from infra.check.streams import Sent, Stream, read_changes, read_deliveries, read_digests
from infra.check.topic_reader import TopicReader, topic_reader
from infra.check.update_sequence import of_updates
from infra.runtime.settings import Settings
from topics.catalogue import AUDITOR, Acl, change_topic, out_topic
from topics.declared import declared_grants, grants_in_force
from topics.grant import Grant

NOBODY: tuple[str, dict[str, Any]] = ("absent", {})
"""What is known of a person who is not there."""


def auditor_rights(settings: Settings, grants: Sequence[Grant]) -> tuple[Acl, ...]:
    """The rights the auditor is lent while it runs, and has at no other time: to every generation of these grants."""
    outward = [out_topic(settings.environment, each) for grant in grants for each in generations(grant)]
    return tuple(Acl(AUDITOR, "READ", "TOPIC", name) for name in (change_topic(settings.environment), *outward))


def generations(grant: Grant) -> list[Grant]:
    """The grant as it was and is named, one for each topic that its recipient has had."""
    return [grant.model_copy(update={"generation": number}) for number in range(1, grant.generation + 1)]


async def verify(settings: Settings, readable: Collection[str]) -> Report:
    """Check every served city; the caller has lent `auditor_rights` to the topics `readable`."""
    findings: list[Finding] = []
    changes = deliveries = 0
    async with topic_reader(settings) as reader:
        for municipality in settings.municipalities:
            city = await _verify_city(reader, settings, municipality, readable)
            findings += city.findings
            changes += city.changes
            deliveries += city.deliveries
    return Report(tuple(findings), changes, deliveries)


async def _verify_city(reader: TopicReader, settings: Settings, municipality: str, readable: Collection[str]) -> Report:
    register = await read_register(settings, municipality)
    guarded = frozenset(number.encode() for number in register.numbers.values())
    count, findings = await read_changes(reader, settings, municipality, guarded)
    if count != register.positions:
        detail = f"{register.positions} changes are committed, {count} lie on the topic"
        findings.append(Finding(Invariant.I1, change_topic(settings.environment), municipality, detail))
    topics: dict[Place, Mapping[int, bytes]] = {}
    for grant in grants_in_force(datetime.now(UTC).date(), settings.grants_directory):
        received, stream = await _verify_recipient(reader, settings, municipality, grant, register, guarded)
        topics[grant.recipient, grant.generation] = stream.digests
        findings += received
    for grant in _former(settings, readable, topics):
        digests = await read_digests(reader, out_topic(settings.environment, grant), municipality)
        topics[grant.recipient, grant.generation] = digests
    findings += [each async for each in ledger_findings(settings, municipality, topics)]
    return Report(tuple(findings), register.changes, sum(map(len, topics.values())))


def _former(settings: Settings, readable: Collection[str], present: Collection[Place]) -> list[Grant]:
    """Generations that are over and whose topic is still there."""
    every = [each for grant in declared_grants(settings.grants_directory) for each in generations(grant)]
    over = [grant for grant in every if (grant.recipient, grant.generation) not in present]
    return [grant for grant in over if out_topic(settings.environment, grant) in readable]


async def _verify_recipient(
    reader: TopicReader,
    settings: Settings,
    municipality: str,
    grant: Grant,
    register: Register,
    guarded: frozenset[bytes],
) -> tuple[list[Finding], Stream]:
    stream = await read_deliveries(reader, settings, municipality, grant, guarded)
    residents = await read_subjects(settings, municipality, grant)
    copy = await read_copy(settings, municipality, grant)
    place = out_topic(settings.environment, grant)
    listed = await read_interests(settings, municipality, grant) if grant.population == "interest" else None
    waits = kept_back(await read_set_aside(settings, municipality, grant))
    kept = await read_protections_kept(settings, municipality, grant)
    began = await read_began(settings, municipality, grant)
    compared = [
        *compare(grant, register, stream, residents, copy, listed, waits, began),
        *of_protections(grant, register, stream, residents, kept, waits),
    ]
    found = [Finding(invariant, place, municipality, detail) for invariant, detail in compared]
    unknown = set(copy) - set(stream.by_subject)
    if unknown:
        detail = f"{len(unknown)} persons were never delivered"
        found.append(Finding(Invariant.I2, grant.recipient, municipality, detail))
    return [*stream.findings, *found], stream


def compare(
    grant: Grant,
    register: Register,
    stream: Stream,
    residents: Mapping[str, str],
    copy: Mapping[str, CopyRow],
    listed: frozenset[str] | None,
    waits: Mapping[str, KeptBack],
    began: int,
) -> Iterator[tuple[Invariant, str]]:
    """In what a recipient's topic and copy depart from what the register owes it; `residents` stand behind the subjects
    of `stream` and `copy`, `listed` are the persons it handles where that is its population, `began` is the
    position of the first change that it could be told."""
    sent = {residents.get(subject, ""): chain for subject, chain in stream.by_subject.items()}
    waiting = {residents.get(subject, ""): kept for subject, kept in waits.items()}
    rows = {residents.get(subject, ""): row for subject, row in copy.items()}
    if "" in sent:
        yield Invariant.I2, "a delivered person is not known to the hub"
    late = _began_late(grant, stream)
    for resident, history in register.histories.items():
        timeline = register.protections.get(resident, UNPROTECTED)
        owing = history if grant.counterparty is None else since(grant, history, began)
        states = owed(grant, owing, register.numbers, timeline)
        whole = sent.get(resident, [])
        if any(delivery.content is None for delivery in whole):
            continue
        yield from of_updates(grant, whole)
        states_told = [sent for sent in whole if not sent.instructs and not _is_given_up(grant, sent)]
        chain = without_redeliveries(grant, states_told)
        if listed is not None:
            yield from _of_listed(grant, states, chain, is_listed=resident in listed)
        elif grant.timing is not None:
            possibly = possible(grant, history, register.numbers, timeline)
            yield from _of_windows(grant, possibly, states[-1] if states else None, chain)
        elif not _is_whole(states, chain, grant, late=late):
            last = chain[-1].number if chain else 0
            yield Invariant.I1, f"{len(states)} states are owed, {len(chain)} lie on the topic (last number {last})"
        kept = waiting.get(resident)
        if kept is None:
            yield from _of_copy(grant, states[-1:], whole, rows.get(resident))
        else:
            yield Invariant.PARKED, kept.sentence()
            yield from _of_copy(grant, (), whole[: kept.sequence - 1], rows.get(resident))


def _is_given_up(grant: Grant, sent: Sent) -> bool:
    """Whether it says no more than that a notice, which is told once, was given up."""
    return grant.population == "arrived" and sent.kind == "tombstone"


def without_redeliveries(grant: Grant, chain: Sequence[Sent]) -> list[Sent]:
    """The deliveries but for those that tell once more what the one before told, since the recipient refused it."""
    return [
        sent
        for n, sent in enumerate(chain)
        if not (n and sent.supersedes and _says(grant, chain[n - 1]) == _says(grant, sent))
    ]


def _says(grant: Grant, sent: Sent) -> tuple[str, dict[str, object]]:
    return sent.state, triggers(grant, sent.items)


def _began_late(grant: Grant, stream: Stream) -> bool:
    """Whether the recipient began with everybody's present state: by a later grant, or by a first one after changes."""
    return grant.generation > 1 or any(chain[0].kind == "snapshot" for chain in stream.by_subject.values())


def _is_whole(states: Sequence[Owed], chain: Sequence[Sent], grant: Grant, *, late: bool) -> bool:
    """Whether everything owed lies there, in order; who began `late` with a snapshot is owed what followed it."""
    expected = [(state.state, state.triggers) for state in states]
    if late and (not chain or chain[0].kind in ("snapshot", "created")):
        expected = expected[len(expected) - len(chain) :]
        if not chain and states and states[-1].state != "absent":
            return False
    return expected == [(sent.state, triggers(grant, sent.items)) for sent in chain]


def _of_listed(
    grant: Grant, states: Sequence[Owed], chain: Sequence[Sent], *, is_listed: bool
) -> Iterator[tuple[Invariant, str]]:
    """A listed person's stream is a part of what is owed, in order; one who is not listed was told to be forgotten."""
    remaining = iter([(s.state, s.triggers) for s in states])
    last = known = NOBODY
    for delivery in chain:
        if delivery.kind == "tombstone":
            known = NOBODY
            continue
        said = (delivery.state, triggers(grant, delivery.items))
        if said != last and said not in remaining:
            yield Invariant.I1, f"delivery {delivery.number} says what the register did not, or out of order"
            return
        last = known = said
    if is_listed and states and known != (states[-1].state, states[-1].triggers):
        yield (
            Invariant.I1,
            f"a listed person's present state was not sent (last number {chain[-1].number if chain else 0})",
        )
    if not is_listed and known != NOBODY:
        yield Invariant.I2, f"delivery {chain[-1].number} concerns a person who is not listed"


def _of_windows(
    grant: Grant, states: Sequence[Owed], newest: Owed | None, chain: Sequence[Sent]
) -> Iterator[tuple[Invariant, str]]:
    """Of each window a person's last state: a part of what is `possible`, in order, up to the present state."""
    remaining = iter([(state.state, state.triggers) for state in states])
    told = [(sent.state, triggers(grant, sent.items)) for sent in chain]
    for sent, said in zip(chain, told, strict=True):
        if said not in remaining:
            yield Invariant.I1, f"delivery {sent.number} says what the register did not, or out of order"
            return
    last = told[-1] if told else NOBODY
    present = (newest.state, newest.triggers) if newest else NOBODY
    if last != present:
        yield Invariant.I1, f"a person's present state was not sent (last number {chain[-1].number if chain else 0})"


def _of_copy(
    grant: Grant, states: Sequence[Owed], chain: Sequence[Sent], row: CopyRow | None
) -> Iterator[tuple[Invariant, str]]:
    if not chain or chain[-1].state == "absent":
        if row is not None:
            yield Invariant.I5, "the copy holds a person who should not be there"
        return
    number = chain[-1].number
    if row is None:
        yield Invariant.I1, f"delivery {number} was not applied"
        return
    if row.sequence != chain[-1].sequence:
        yield Invariant.I1, f"delivery {number} has sequence {chain[-1].sequence}, the copy stands at {row.sequence}"
    present = (states[-1].state, states[-1].triggers) if states else _says(grant, chain[-1])
    present = present if grant.counterparty is None else remaining(grant, chain)
    fields = set(person_fields(grant))
    held = {field: value for field, value in row.items.items() if field in fields and value is not None}
    if (row.state, triggers(grant, held)) != present:
        yield Invariant.I5, f"after delivery {number} the copy differs from the register"
