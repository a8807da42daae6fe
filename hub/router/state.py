"""What the router knows before it decides, and what it makes: frozen values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from topics.grant import Grant
from topics.messages.change import ChangeDates
from topics.messages.delivery import Delivery

Record = dict[str, Any]
GUARDED = ("resident_code", "my_number")
"""Fields of a record that are references to numbers."""
FORMER_CODE, CODE_SINCE = "former_resident_code", "resident_code_since"
"""What the hub adds to the record of who had another resident code before: a reference to it, and a day."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a recipient was last sent of a resident; `digest` is None when it must be told anew, `block` is a digest of
    what it was told of the person's protection, None when that was nothing; `refused` are its own sequences that it
    refused and has applied nothing after; `updates` are the last regular and abnormal update sequence (更新順番号)
    of each resident code, by a digest of it, for who is told them."""

    subject: str
    link_number: str | None
    sequence: int = 0
    state: str = "absent"
    digest: bytes | None = None
    block: bytes | None = None
    refused: tuple[int, ...] = ()
    updates: Mapping[str, tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A resident as of one moment of the register; `record` is None when the state is absent."""

    addressee_number: str
    history_number: int
    state: str
    record: Record | None


RETOLD = "retold"
"""The kind of an occasion on which nothing changed: the present state is told anew."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What of the change itself a projection may need (items 21-36 of file 2), or a delivery tell where granted."""

    kind: str
    reason: str | None = None
    dates: ChangeDates | None = None
    operator: str | None = None
    registered_at: str | None = None
    refers_to: int | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """The delivery to come, as far as a file tells of it: its number, the day in Japan, and its update sequences."""

    municipality: str
    generation: int
    number: int
    day: date
    update_sequence: int | None = None
    abnormal_update_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A change put aside for one recipient until its window is over."""

    grant: Grant
    image: Image
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class Routed:
    """One delivery with what the hub remembers about it."""

    grant: Grant
    delivery: Delivery
    addressee_number: str
    history_number: int


@dataclass(frozen=True, slots=True)
class Recall:
    """A recipient that holds the address of a person whose protection begins, and the delivery by which it is told.

    `number` is None where it is not told: its grant tells nothing, or it has none any more. `position` is the step's.
    """

    recipient: str
    generation: int
    addressee_number: str
    position: int
    number: int | None
    reach: Literal["told", "not-told", "no-grant"]
    hours: int | None = None
