"""What lies on the topics: doubles taken out, numbers and sequences checked, contents compared with permission.

Contents are read where the recipient's key lies on this machine (a city of one's own, a test's); elsewhere, and where
a key was destroyed, what stands on the envelope is checked alone.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, get_args

from pydantic_core import from_json

from infra.check.findings import Finding, Invariant
from infra.check.lately import lately_read
from infra.check.topic_reader import Raw, TopicReader
from infra.runtime.key_ring import KeyRing
from infra.runtime.settings import Settings
from topics.envelope.opening import EnvelopeError, Opener, take_apart
from topics.envelope.places import change_terms, delivery_terms
from topics.envelope.run import Head, Terms
from topics.grant import Grant
from topics.legal_bases import DeliveryField
from topics.partitions import partition_of

_PROTECTION_TOLD = {
    "none": frozenset[str](),
    "flag": frozenset({"blocked"}),
    "level-and-period": frozenset({"blocked", "status", "level", "begins_on", "ends_on"}),
}
MY_NUMBER_DIGITS = 12
"""個人番号; a resident code (住民票コード) has 11."""
_DIGITS = re.compile(rb"(?<![0-9a-f])[0-9]{11,12}(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery as it lies on the topic: its place in the person's sequence, and what it says; `content` is None
    when nobody here can open it."""

    number: int
    sequence: int
    content: bytes | None

    def told(self) -> Mapping[str, Any]:
        """The delivery."""
        return lately_read(self.content) if self.content is not None else {}

    @property
    def kind(self) -> str:
        """Its kind, empty when sealed."""
        return str(self.told().get("kind", ""))

    @property
    def state(self) -> str:
        """The state it tells, empty when sealed."""
        return str(self.told().get("state", ""))

    @property
    def instructs(self) -> bool:
        """Whether it holds no state, but a block or a recall."""
        return self.kind in ("block", "recall")

    @property
    def protection(self) -> dict[str, Any] | None:
        """What it tells of the person's protection."""
        return self.told().get("protection")

    @property
    def items(self) -> dict[str, Any]:
        """What it tells."""
        return dict(self.told().get("items", {}))

    @property
    def supersedes(self) -> bool:
        """Whether it stands for what the recipient refused; told by its bytes, since hardly any does."""
        return self.content is not None and b'"supersedes":[' in self.content


@dataclass(slots=True)
class Stream:
    """One recipient's topic of one city, by subject, with what is amiss in the stream itself; `digests` are those of
    the envelopes by delivery number."""

    by_subject: dict[str, list[Sent]] = field(default_factory=dict)
    digests: dict[int, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """A record with what stands on its envelope, and what is in it where it can be opened."""

    raw: Raw
    head: Head
    content: bytes | None


async def read_changes(
    reader: TopicReader, settings: Settings, municipality: str, numbers: frozenset[bytes]
) -> tuple[int, list[Finding]]:
    """How many changes lie on the change topic, and findings: gaps, altered doubles, numbers in plain sight."""
    terms = change_terms(settings.environment, municipality)
    findings: list[Finding] = []
    last = 0
    async for read in _distinct(reader, settings, terms, findings, resealed=True):
        position = read.head.number
        if position != last + 1:
            findings.append(_finding(Invariant.I4, terms, f"position {position} follows {last}"))
        last = position
        findings += _numbers_shown(read, numbers, terms)
    return last, findings


async def read_deliveries(
    reader: TopicReader, settings: Settings, municipality: str, grant: Grant, numbers: frozenset[bytes]
) -> Stream:
    """The recipient's stream; `numbers` are the ones of which those must not be seen that the grant does not permit."""
    terms = delivery_terms(settings.environment, grant, municipality)
    stream = Stream()
    guarded = frozenset(number for number in numbers if not _is_granted(grant, number))
    async for read in _distinct(reader, settings, terms, stream.findings):
        stream.count += 1
        stream.digests[read.head.number] = sha256(read.raw.value).digest()
        stream.findings += _of_delivery(grant, terms, stream.count, read)
        stream.findings += _numbers_shown(read, guarded, terms)
        sent = Sent(read.head.number, read.head.sequence, read.content)
        chain = stream.by_subject.setdefault(read.head.key, [])
        if sent.sequence != len(chain) + 1:
            detail = f"delivery {sent.number}: sequence {sent.sequence} follows {len(chain)}"
            stream.findings.append(_finding(Invariant.I4, terms, detail))
        chain.append(sent)
    return stream


def _is_granted(grant: Grant, number: bytes) -> bool:
    return grant.numbers.my_number if len(number) == MY_NUMBER_DIGITS else grant.numbers.resident_code


async def read_digests(reader: TopicReader, topic: str, municipality: str) -> dict[int, bytes]:
    """The digests of a former topic's envelopes by delivery number, unopened; what is no envelope is passed over."""
    digests: dict[int, bytes] = {}
    async for raw in reader.partition(topic, partition_of(municipality)):
        with suppress(EnvelopeError):
            digests.setdefault(take_apart(raw.value).head.number, sha256(raw.value).digest())
    return digests


async def _distinct(
    reader: TopicReader, settings: Settings, terms: Terms, findings: list[Finding], *, resealed: bool = False
) -> AsyncIterator[Read]:
    """Records in order without their doubles; a differing double is a finding (unless it may have been `resealed`:
    then its content counts, where it can be read), and so is what will not open."""
    seen: dict[int, bytes | None] = {}
    ring = KeyRing(settings)
    opener = Opener(terms, ring.register, ring.private)
    async for raw in reader.partition(terms.topic, partition_of(terms.municipality)):
        try:
            read = _read(ring, opener, raw)
        except EnvelopeError as refused:
            findings.append(_finding(Invariant.I3, terms, f"offset {raw.offset} is not a record of ours: {refused}"))
            continue
        number, shown = read.head.number, read.content if resealed else raw.value
        digest = None if shown is None else sha256(shown).digest()
        if number not in seen:
            seen[number] = digest
            yield read
        elif None not in (digest, seen[number]) and digest != seen[number]:
            findings.append(_finding(Invariant.I4, terms, f"number {number} stands twice and differs"))


def _read(ring: KeyRing, opener: Opener, raw: Raw) -> Read:
    """The record, opened unless the private key to it does not lie here; raises `EnvelopeError`."""
    envelope = take_apart(raw.value)
    line = ring.register().keys.get(envelope.signed.run.recipient_key)
    if line is not None and ring.private(line) is None:
        return Read(raw, envelope.head, None)
    return Read(raw, envelope.head, opener.open(raw.value, raw.key).payload)


def _of_delivery(grant: Grant, terms: Terms, expected: int, read: Read) -> Iterator[Finding]:
    number = read.head.number
    if number != expected:
        yield _finding(Invariant.I4, terms, f"delivery {number} stands where {expected} is expected")
    if read.content is not None:
        yield from _of_content(grant, terms, read.head, from_json(read.content))


def _of_content(grant: Grant, terms: Terms, head: Head, body: dict[str, Any]) -> Iterator[Finding]:
    number = head.number
    if (body["recipient"], body["municipality"]) != (grant.recipient, terms.municipality):
        yield _finding(Invariant.I2, terms, f"delivery {number} is for somebody else")
    if (body["subject"], body["number"], body["sequence"]) != (head.key, number, head.sequence):
        yield _finding(Invariant.I3, terms, f"delivery {number} says another place than its envelope")
    told = {name for name in get_args(DeliveryField) if name in body}
    surplus = sorted({*body["items"], *told} - {*grant.fields(), *grant.delivery_fields})
    if surplus:
        yield _finding(Invariant.I3, terms, f"delivery {number} holds items not granted: {surplus}")
    told, least = set(body.get("protection", ())), _PROTECTION_TOLD[grant.protection.told]
    if told - least or (body["kind"] == "block" and not least):
        yield _finding(Invariant.I3, terms, f"delivery {number} tells more of a protection than is granted")


def _numbers_shown(read: Read, numbers: frozenset[bytes], terms: Terms) -> Iterator[Finding]:
    shown = b"\n".join((read.content or b"", read.raw.value, read.raw.key))
    if numbers and any(found in numbers for found in _DIGITS.findall(shown)):
        yield _finding(Invariant.I3, terms, f"offset {read.raw.offset} shows a guarded number")


def _finding(invariant: Invariant, terms: Terms, detail: str) -> Finding:
    return Finding(invariant, terms.topic, terms.municipality, detail)
