"""What a party sends to the hub: acknowledgements, interests, resend requests, refusals; topic ``in.<party>.v1``.

`number` runs 1..n without gap per party and municipality, so that the hub drops doubles and sees omissions.
"""

from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from topics.items.resident import MunicipalityCode, Serial
from topics.messages.change import LARGEST_COUNT, Positive
from topics.messages.numbers import SealedNumber, SealedWireModel
from topics.model import WireModel
from topics.strict_json import unambiguous

SCHEMA: Final = "kairan.inbound.v1"
LONGEST_REFUSAL: Final = 1000
"""Deliveries that one message may refuse or give up."""

LONGEST_LETTER: Final = 64_000
"""Characters of a letter between municipalities."""

Sendable = Literal["functional-error", "number-reply", "move-in-notice", "move-out-certificate"]
"""What a party may send only where its grant says so (`may_send`): all that concerns the register."""

ErrorCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,20}(-[A-Z]{2,20}){1,6}$")]
"""Words of letters only: no number of a person can stand in a code."""

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


class FunctionalError(_Inbound):
    """The party refuses deliveries `first`..`last` (機能エラー): they broke a rule of its own, called `code`.

    It names its own delivery numbers and nobody; the hub knows whom they concern.
    """

    type: Literal["functional-error"] = "functional-error"
    generation: Generation
    first: Positive
    last: Positive
    code: ErrorCode

    @model_validator(mode="after")
    def _a_span(self) -> Self:
        _refuse_no_span(self.first, self.last)
        return self


class Redelivery(_Inbound):
    """The party has given deliveries `first`..`last` up, and asks for the present state of those whom they concern,
    under new numbers (再提供依頼)."""

    type: Literal["redelivery"] = "redelivery"
    generation: Generation
    first: Positive
    last: Positive

    @model_validator(mode="after")
    def _a_span(self) -> Self:
        _refuse_no_span(self.first, self.last)
        return self


Account = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,60}$")]
Reason = Annotated[str, StringConstraints(pattern=r"^[^\p{Nd}\p{C}]+$", max_length=200)]
"""A sentence without digits: it stays in the ledger for ever, and no number may."""


class Discard(_Inbound):
    """Two persons of the party have discarded deliveries `first`..`last`, or a record at `offset` of which nobody can
    say whose delivery it is (破棄). It is entered, and those whom the deliveries concern are told anew."""

    type: Literal["discard"] = "discard"
    generation: Generation
    first: Positive | None = None
    last: Positive | None = None
    offset: Annotated[int, Field(ge=0, le=LARGEST_COUNT)] | None = None
    reason: Reason
    by: Account
    second: Account

    @model_validator(mode="after")
    def _two_persons_of_one_thing(self) -> Self:
        if self.by == self.second:
            raise ValueError("second: another person than by")
        if (self.first is None) != (self.last is None) or (self.first is None) == (self.offset is None):
            raise ValueError("either first and last, or offset")
        if self.first is not None and self.last is not None:
            _refuse_no_span(self.first, self.last)
        return self


class _Letter(_Inbound):
    """A letter (文書) to the register: `envelope`, in base64, is sealed to the register by the party itself, so that
    the hub carries it and cannot read it."""

    envelope: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=LONGEST_LETTER)]


class MoveInNotice(_Letter):
    """Move-in notice (転入通知): who has left this municipality lives with the party now."""

    type: Literal["move-in-notice"] = "move-in-notice"


class MoveOutCertificate(_Letter):
    """Move-out certificate (転出証明書情報): who is about to come from the party to this municipality."""

    type: Literal["move-out-certificate"] = "move-out-certificate"


def _refuse_no_span(first: int, last: int) -> None:
    if not first <= last < first + LONGEST_REFUSAL:
        raise ValueError(f"last: not before first, and at most {LONGEST_REFUSAL} deliveries")


class NumberReply(SealedWireModel, _Inbound):
    """The My Number that the national organisation made for whom delivery `answers` asks (個人番号とすべき番号の通知,
    番号法第8条第2項)."""

    type: Literal["number-reply"] = "number-reply"
    generation: Generation
    answers: Positive
    my_number: SealedNumber


Message = (
    Acknowledgement | Interest | ResendRequest | FunctionalError | Redelivery | Discard | NumberReply
    | MoveInNotice | MoveOutCertificate
)  # fmt: skip
"""Every type of message; what is added here is sealed, numbered and sent like the others."""

Inbound = Annotated[Message, Field(discriminator="type")]

INBOUND: TypeAdapter[Message] = TypeAdapter(Inbound)
"""Validates one inbound message of any type."""

INBOUND_MODELS: tuple[type[WireModel], ...] = get_args(Message)
"""The model of every type of message."""


def read_inbound(value: bytes) -> Message:
    """The message in bytes that a party sent; raises ValueError."""
    return INBOUND.validate_json(unambiguous(value))
