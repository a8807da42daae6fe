"""What a party sends to the hub: acknowledgements, interests, resend requests; topic ``in.<party>.v1``.

`number` runs 1..n without gap per party and municipality, so that the hub drops doubles and sees omissions.
"""

from typing import Annotated, Final, Literal, get_args

from pydantic import Field, StringConstraints, TypeAdapter

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
    """Deliveries `first`..`last` are settled: applied, or held or parked under a finding code.

    `digest` is the SHA-256 (hexadecimal) over the digests of their envelopes in number order; `signature` is the
    party's over `statement`, under its signing key `key_id`.
    """

    type: Literal["acknowledgement"] = "acknowledgement"
    generation: Generation
    first: Positive
    last: Positive
    outcome: Literal["applied", "held", "parked"]
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    key_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]

    def statement(self) -> bytes:
        """What is signed."""
        return statement(
            self.party, self.municipality, self.generation, self.first, self.last, self.outcome, self.digest
        )


def statement(
    party: str, municipality: str, generation: int, first: int, last: int, outcome: str, digest: str
) -> bytes:
    """What a party signs when it acknowledges deliveries."""
    told = (party, municipality, generation, first, last, outcome, digest)
    return "\0".join(("kairan/acknowledgement/1", *map(str, told))).encode("ascii")


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


def inbound_of(population: str) -> tuple[type[WireModel], ...]:
    """What a party may send: interests only where its population is a list of its own."""
    every: tuple[type[WireModel], ...] = get_args(get_args(Inbound)[0])
    return tuple(model for model in every if model is not Interest or population == "interest")


def read_inbound(value: bytes) -> Acknowledgement | Interest | ResendRequest:
    """The message in bytes that a party sent; raises ValueError."""
    return INBOUND.validate_json(unambiguous(value))
