"""What the register tells the hub, in one order: changes (異動), steps of protections, and what is to be told anew;
topic ``resident.change.v1``.

A change is one person's part of a filing, with the full after-image. It carries neither My Number nor resident code:
items 2 and 3 are references into the numbers database.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from topics.dates import RegisterDate
from topics.items.resident import MunicipalityCode, ReasonCode, ResidentRecord, Serial
from topics.messages.protection import ProtectionState
from topics.model import WireModel
from topics.strict_json import unambiguous

SCHEMA: Final = "resident.change.v1"
HEAD_SEQUENCE: Final = 1
"""The sequence on every envelope of the topic: a history number there would tell a protection's step from a change."""

LARGEST_COUNT = 10**12
Positive = Annotated[int, Field(ge=1, le=LARGEST_COUNT)]
"""A count; bounded, so that no message makes a database's counter overflow."""


class ChangeKind(StrEnum):
    """What a change does to the resident's record."""

    CREATED = "created"
    CHANGED = "changed"
    CORRECTED = "corrected"
    ANNULLED = "annulled"
    CEASED = "ceased"


class RecordState(StrEnum):
    """Where a resident's record stands after a change; absent = its creation was annulled."""

    ACTIVE = "active"
    CEASED = "ceased"
    ABSENT = "absent"


class Group(WireModel):
    """All changes of one filing (届出); `index` runs 1..`count`. The unit of routing, applying, holding, parking."""

    filing: UUID
    index: Positive
    count: Positive


class ChangeDates(WireModel):
    """The six dates of a change: 異動日, 処理日, 届出日, 申出日, 通知日, 請求日."""

    changed_on: RegisterDate
    processed_on: RegisterDate
    filed_on: RegisterDate | None = None
    requested_on: RegisterDate | None = None
    notified_on: RegisterDate | None = None
    claimed_on: RegisterDate | None = None


class _Event(WireModel):
    """What every event says of itself; `position` is strictly +1 per municipality."""

    schema_version: Literal["resident.change.v1"] = SCHEMA
    event_id: UUID
    municipality: MunicipalityCode
    position: Positive
    group: Group
    resident: Serial
    registered_at: datetime


class Change(_Event):
    """One change. `history_number` is strictly +1 per resident.

    `refers_to` is the history number that a correction or annulment concerns. `after` is the full record after the
    change and is missing exactly when `state` is absent. `changed_items` are numbers of file 1. `protection` says that
    the person was never protected; where it is missing, what was told before holds.
    """

    type: Literal["change"] = "change"
    kind: ChangeKind
    state: RecordState
    reason: ReasonCode
    history_number: Positive
    refers_to: Positive | None = None
    changed_items: tuple[int, ...]
    dates: ChangeDates
    operator: str
    after: ResidentRecord | None = None
    protection: Literal["none"] | None = None


class ProtectionStep(_Event):
    """What holds of a person's protection from this position on. Those protected by one filing are a group."""

    type: Literal["protection"] = "protection"
    state: ProtectionState


class Retelling(_Event):
    """The register has one recipient told a resident's present state anew (再送), at this place in its order."""

    type: Literal["retelling"] = "retelling"
    recipient: str


Event = Change | ProtectionStep | Retelling
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
"""Validates one event of either type."""


def read_event(value: bytes) -> Event:
    """The event in bytes that travelled; raises ValueError."""
    return EVENT.validate_json(unambiguous(value))
