"""What a party sends to the hub: acknowledgements, interests, resend requests; topic ``in.<party>.v1``.

`number` runs 1..n without gap per party and municipality, so that the hub drops doubles and sees omissions.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from topics.items.resident import MunicipalityCode, Serial
from topics.messages.change import Positive
from topics.model import WireModel
from topics.strict_json import unambiguous

SCHEMA: Final = "kairan.inbound.v1"


Generation = Annotated[int, Field(ge=1, le=1_000_000)]


class _Inbound(WireModel):
    schema_version: Literal["kairan.inbound.v1"] = SCHEMA
    party: str
    municipality: MunicipalityCode
    number: Positive


class Acknowledgement(_Inbound):
    """Deliveries `first`..`last` are settled: applied, or held or parked under a finding code."""

    type: Literal["acknowledgement"] = "acknowledgement"
    generation: Generation
    first: Positive
    last: Positive
    outcome: Literal["applied", "held", "parked"]


class Interest(_Inbound):
    """The party declares (place) or ends (remove) that it handles a person (対象者の登録・解除)."""

    type: Literal["interest"] = "interest"
    action: Literal["place", "remove"]
    addressee_number: Serial


class ResendRequest(_Inbound):
    """The party missed deliveries `first`..`last` and asks for the same bytes again."""

    type: Literal["resend"] = "resend"
    generation: Generation
    first: Positive
    last: Positive


Inbound = Annotated[Acknowledgement | Interest | ResendRequest, Field(discriminator="type")]

INBOUND: TypeAdapter[Acknowledgement | Interest | ResendRequest] = TypeAdapter(Inbound)
"""Validates one inbound message of any type."""


def read_inbound(value: bytes) -> Acknowledgement | Interest | ResendRequest:
    """The message in bytes that a party sent; raises ValueError."""
    return INBOUND.validate_json(unambiguous(value))
