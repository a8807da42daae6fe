"""What the ledger says was disclosed, held against the topics and against what recipients acknowledged (I6)."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from pydantic_core import from_json

from infra.check.sources import Served
from topics.envelope.keys import KeyRegister
from topics.ledger.entry import EntryKind
from topics.messages.inbound import statement

Place = tuple[str, int]
"""A recipient and the generation of its topic."""


@dataclass(slots=True)
class Disclosed:
    """One recipient's part of the ledger: envelope digests by delivery number, what is void, what was acknowledged."""

    digests: dict[int, bytes] = field(default_factory=dict)
    void: set[int] = field(default_factory=set)
    acknowledged: list[Mapping[str, Any]] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    unsent: list[int] = field(default_factory=list)
    """Deliveries that were discarded, and of which no entry says before that they were disclosed."""

    def take(self, entry: Mapping[str, Any]) -> None:
        """One entry of this recipient."""
        match entry["kind"]:
            case EntryKind.DISCLOSE:
                if entry["number"] in self.digests:
                    self.twice.append(entry["number"])
                self.digests[entry["number"]] = bytes.fromhex(entry["digest"])
            case EntryKind.VOID:
                self.void.update(range(entry["first"], entry["last"] + 1))
            case EntryKind.ACKNOWLEDGE:
                self.acknowledged.append(entry)
            case EntryKind.DISCARD:
                if "number" in entry and entry["number"] not in self.digests:
                    self.unsent.append(entry["number"])


async def disclosures(entries: AsyncIterator[str]) -> dict[Place, Disclosed]:
    """The ledger's entries by recipient and generation."""
    found: dict[Place, Disclosed] = defaultdict(Disclosed)
    async for text in entries:
        entry = from_json(text)
        if "recipient" in entry:
            found[entry["recipient"], entry["generation"]].take(entry)
    return found


def of_topic(disclosed: Disclosed, topic: Mapping[int, bytes], served: Served) -> Iterator[str]:
    """In what the topic's records, by number, are not exactly the entries without a void.

    What retention has taken off the topic's beginning cannot be compared. Of a revoked grant, what a worker may have
    been sending when it died may lie there or not: it counts as disclosed.
    """
    for number in disclosed.twice:
        yield f"delivery {number} has two entries"
    for number in disclosed.unsent:
        yield f"delivery {number} was discarded and had not been disclosed"
    for number, digest in topic.items():
        if disclosed.digests.get(number) != digest:
            yield f"delivery {number} lies on the topic without an entry of these bytes"
        if number in disclosed.void:
            yield f"delivery {number} lies on the topic though it is void"
    first = min(topic, default=1)
    absent = [n for n in disclosed.digests if n >= first and n not in topic and n not in disclosed.void]
    for number in absent:
        if not (served.revoked and served.dispatched < number <= served.sending):
            yield f"delivery {number} is entered and does not lie on the topic"


def of_acknowledgements(
    place: Place, municipality: str, disclosed: Disclosed, register: KeyRegister, served: Served
) -> Iterator[str]:
    """In what the acknowledgements are no evidence: each is signed, and over the envelopes that were disclosed."""
    for entry in disclosed.acknowledged:
        if not _is_signed(place, municipality, entry, register):
            yield f"the acknowledgement at {entry['index']} is not signed by its recipient"
        if _digest(disclosed, entry) != entry["digest"]:
            yield f"the acknowledgement at {entry['index']} is of other envelopes than were disclosed"
    reached = max((entry["last"] for entry in disclosed.acknowledged), default=0)
    if reached != served.acknowledged:
        yield f"acknowledged up to {served.acknowledged}, entered up to {reached}"


def _digest(disclosed: Disclosed, entry: Mapping[str, Any]) -> str | None:
    try:
        named = [disclosed.digests[number] for number in range(entry["first"], entry["last"] + 1)]
    except KeyError:
        return None
    return sha256(b"".join(named)).hexdigest()


def _is_signed(place: Place, municipality: str, entry: Mapping[str, Any], register: KeyRegister) -> bool:
    recipient, generation = place
    line = register.keys.get(entry["key"])
    if line is None or line.principal != recipient or line.seals:
        return False
    told = statement(
        recipient, municipality, generation, entry["first"], entry["last"], entry["outcome"], entry["digest"]
    )
    try:
        line.verifier().verify(bytes.fromhex(entry["signature"]), told)
    except InvalidSignature:
        return False
    return True
