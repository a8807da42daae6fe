"""The delivery (提供): what one recipient gets of one change, granted items only; topic ``out.<recipient>.v1``."""

from enum import StrEnum
from typing import Final, Literal

from pydantic import JsonValue

from topics.items.resident import MunicipalityCode, ReasonCode
from topics.messages.change import ChangeDates, Positive, RecordState
from topics.messages.protection import ProtectionTold
from topics.model import WireModel

SCHEMA: Final = "kairan.delivery.v1"


class DeliveryKind(StrEnum):
    """The five kinds of change, a snapshot when a person enters a population, a tombstone on leaving it; a block when
    the person's protection is told anew, a recall of items that were told before."""

    CREATED = "created"
    CHANGED = "changed"
    CORRECTED = "corrected"
    ANNULLED = "annulled"
    CEASED = "ceased"
    SNAPSHOT = "snapshot"
    TOMBSTONE = "tombstone"
    BLOCK = "block"
    RECALL = "recall"


INSTRUCTIONS = frozenset({DeliveryKind.BLOCK, DeliveryKind.RECALL})
"""Kinds that hold no items: what the recipient has of the person stays, but for what is recalled."""


class DeliveryGroup(WireModel):
    """The members of one filing that this recipient may see, numbered by its own count."""

    id: str
    index: Positive
    count: Positive


class Delivery(WireModel):
    """One delivery.

    `number` runs 1..n without gap per recipient, municipality and generation; `sequence` runs 1..n per recipient and
    resident. `subject` is the resident's pseudonym on this topic and equals the record's key. `refers_to` is this
    recipient's own sequence that a correction or annulment concerns; `supersedes` are those that it refused and that
    this delivery stands for. `reason`, `dates` and `operator` are told of the change itself only where the grant lists
    them. `items` maps field names of the granted catalogue to values; it is empty when `state` is absent. `protection`
    is told with every state of a person, where the grant tells of protections at all. `recalled` are fields that the
    recipient must hold no longer.
    """

    schema_version: Literal["kairan.delivery.v1"] = SCHEMA
    recipient: str
    municipality: MunicipalityCode
    generation: Positive
    number: Positive
    sequence: Positive
    subject: str
    kind: DeliveryKind
    state: RecordState
    refers_to: Positive | None = None
    supersedes: tuple[Positive, ...] | None = None
    group: DeliveryGroup | None = None
    link_number: str | None = None
    reason: ReasonCode | None = None
    dates: ChangeDates | None = None
    operator: str | None = None
    protection: ProtectionTold | None = None
    recalled: tuple[str, ...] | None = None
    items: dict[str, JsonValue]
