"""What the prefecture registered, passed on to the national role (本人確認情報の通知); topic ``forward.prefecture.v1``.

`number` runs 1..n without gap per municipality, in the order of registration. A registration carries the whole state.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, StringConstraints, TypeAdapter

from topics.items.resident import MunicipalityCode
from topics.messages.change import Positive, RecordState
from topics.model import WireModel
from topics.strict_json import unambiguous

SCHEMA: Final = "kairan.forwarding.v1"

Pseudonym = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Forwarded(WireModel):
    schema_version: Literal["kairan.forwarding.v1"] = SCHEMA
    municipality: MunicipalityCode
    number: Positive


class Registration(_Forwarded):
    """One resident as the prefecture registered her; `subject` is its pseudonym of her for this topic alone, `items`
    are fields of file 2, none when she is absent."""

    type: Literal["registration"] = "registration"
    subject: Pseudonym
    sequence: Positive
    state: RecordState
    items: dict[str, JsonValue] = Field(repr=False)


class Anew(_Forwarded):
    """The prefecture has forgotten the municipality's residents and is told of them anew; so does who reads this."""

    type: Literal["anew"] = "anew"


Forwarded = Registration | Anew
FORWARDED_MODELS: tuple[type[WireModel], ...] = (Registration, Anew)
"""The model of every type of message."""

_FORWARDED: TypeAdapter[Forwarded] = TypeAdapter(Annotated[Forwarded, Field(discriminator="type")])


def read_forwarded(value: bytes) -> Forwarded:
    """The message in bytes that travelled; raises ValueError."""
    return _FORWARDED.validate_json(unambiguous(value))
