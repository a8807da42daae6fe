"""What lies on the topics: doubles taken out, numbers and sequences checked, payloads compared with permission."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic_core import from_json

from infra.check.findings import Finding, Invariant
from infra.check.topic_reader import Raw, read_partition
from infra.runtime.settings import Settings
from topics.catalogue import change_topic, out_topic
from topics.grant import Grant
from topics.legal_bases import DeliveryField
from topics.partitions import partition_of

_DIGITS = re.compile(rb"(?<![0-9a-f])[0-9]{11,12}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery as it lies on the topic: its place in the person's sequence, and what it says."""

    number: int
    sequence: int
    kind: str
    state: str
    value: bytes

    @property
    def items(self) -> dict[str, Any]:
        """What it tells; read from its bytes each time, since a city's deliveries are many."""
        return from_json(self.value)["items"]  # type: ignore[no-any-return]


@dataclass(slots=True)
class Stream:
    """One recipient's topic of one city, by subject, with what is amiss in the stream itself."""

    by_subject: dict[str, list[Sent]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    count: int = 0


async def read_changes(settings: Settings, municipality: str, numbers: frozenset[bytes]) -> tuple[int, list[Finding]]:
    """How many changes lie on the change topic, and findings: gaps, altered doubles, numbers in plain sight."""
    topic = change_topic(settings.environment)
    findings: list[Finding] = []
    last = 0
    async for raw, body in _distinct(settings, topic, municipality, "position", findings):
        if body["position"] != last + 1:
            findings.append(_finding(Invariant.I4, topic, municipality, f"position {body['position']} follows {last}"))
        last = body["position"]
        findings += _numbers_shown(raw, numbers, topic, municipality)
    return last, findings


async def read_deliveries(settings: Settings, municipality: str, grant: Grant, numbers: frozenset[bytes]) -> Stream:
    """The recipient's stream; `numbers` are the ones that must not be seen where the grant permits none."""
    topic = out_topic(settings.environment, grant)
    stream = Stream()
    guarded = frozenset() if grant.numbers.my_number else numbers
    async for raw, body in _distinct(settings, topic, municipality, "number", stream.findings):
        stream.count += 1
        stream.findings += _of_delivery(grant, topic, municipality, stream.count, raw, body)
        stream.findings += _numbers_shown(raw, guarded, topic, municipality)
        sent = Sent(body["number"], body["sequence"], body["kind"], body["state"], raw.value)
        chain = stream.by_subject.setdefault(body["subject"], [])
        if sent.sequence != len(chain) + 1:
            detail = f"delivery {sent.number}: sequence {sent.sequence} follows {len(chain)}"
            stream.findings.append(_finding(Invariant.I4, topic, municipality, detail))
        chain.append(sent)
    return stream


async def _distinct(
    settings: Settings, topic: str, municipality: str, ordinal: str, findings: list[Finding]
) -> AsyncIterator[tuple[Raw, dict[str, Any]]]:
    """Records in order without their doubles; a differing double is a finding, and so is what will not parse."""
    seen: dict[int, int] = {}
    async for raw in read_partition(settings, topic, partition_of(municipality)):
        try:
            body = from_json(raw.value)
            number = int(body[ordinal])
        except (ValueError, TypeError, KeyError):
            findings.append(_finding(Invariant.I3, topic, municipality, f"offset {raw.offset} is not a record of ours"))
            continue
        print_ = hash(raw.value)
        if number in seen:
            if seen[number] != print_:
                findings.append(
                    _finding(Invariant.I4, topic, municipality, f"number {number} stands twice and differs")
                )
            continue
        seen[number] = print_
        yield raw, body


def _of_delivery(
    grant: Grant, topic: str, municipality: str, expected: int, raw: Raw, body: dict[str, Any]
) -> Iterator[Finding]:
    number = body["number"]
    if number != expected:
        yield _finding(Invariant.I4, topic, municipality, f"delivery {number} stands where {expected} is expected")
    if (body["recipient"], body["municipality"]) != (grant.recipient, municipality):
        yield _finding(Invariant.I2, topic, municipality, f"delivery {number} is for somebody else")
    if body["subject"].encode() != raw.key:
        yield _finding(Invariant.I3, topic, municipality, f"delivery {number} has another key than subject")
    told = {name for name in get_args(DeliveryField) if name in body}
    surplus = sorted({*body["items"], *told} - {*grant.fields(), *grant.delivery_fields})
    if surplus:
        yield _finding(Invariant.I3, topic, municipality, f"delivery {number} holds items not granted: {surplus}")


def _numbers_shown(raw: Raw, numbers: frozenset[bytes], topic: str, municipality: str) -> Iterator[Finding]:
    if numbers and any(found in numbers for found in _DIGITS.findall(raw.value + b"\n" + raw.key)):
        yield _finding(Invariant.I3, topic, municipality, f"offset {raw.offset} shows a guarded number")


def _finding(invariant: Invariant, place: str, municipality: str, detail: str) -> Finding:
    return Finding(invariant, place, municipality, detail)
