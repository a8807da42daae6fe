"""What the hub carries back to the register, of what parties sent it; topic ``register.inbound.v1``.

`number` runs 1..n without gap per municipality. Whom a message concerns is told by the register's own references
(addressee number, history number): what a recipient calls them stays with the hub.
"""

from typing import Annotated, Final, Literal, get_args

from pydantic import AwareDatetime, Field, TypeAdapter

from topics.items.resident import MunicipalityCode, Serial
from topics.messages.change import Positive
from topics.messages.inbound import LONGEST_LETTER, ErrorCode
from topics.messages.numbers import SealedNumber, SealedWireModel
from topics.model import WireModel
from topics.strict_json import unambiguous

SCHEMA: Final = "kairan.register-inbound.v1"


class _RegisterInbound(WireModel):
    """`party_number` is the party's own number of the message that this one stands for."""

    schema_version: Literal["kairan.register-inbound.v1"] = SCHEMA
    municipality: MunicipalityCode
    number: Positive
    party: str
    party_number: Positive
    received_at: AwareDatetime


class ChangeReference(WireModel):
    """One change of the register; history number 0 where a delivery told of none (a tombstone)."""

    addressee_number: Serial
    history_number: Annotated[int, Field(ge=0)]


class DeliveriesRefused(_RegisterInbound):
    """The party refused what it was sent of these changes (機能エラー), under its own rule `code`."""

    type: Literal["deliveries-refused"] = "deliveries-refused"
    code: ErrorCode
    changes: Annotated[tuple[ChangeReference, ...], Field(min_length=1)]


class RefusalsOver(_RegisterInbound):
    """Of these residents the party has applied a later delivery than any that it refused."""

    type: Literal["refusals-over"] = "refusals-over"
    residents: Annotated[tuple[Serial, ...], Field(min_length=1)]


class NumberReplied(SealedWireModel, _RegisterInbound):
    """The My Number that the party gave for this resident, not yet looked at."""

    type: Literal["number-replied"] = "number-replied"
    addressee_number: Serial
    my_number: SealedNumber


class _LetterReceived(_RegisterInbound):
    """A letter (文書) of the municipality `counterparty`, as its grant names it; `envelope` is sealed to the register
    by the party, and bound to `party_number`."""

    counterparty: MunicipalityCode
    envelope: Annotated[str, Field(max_length=LONGEST_LETTER)]


class MoveInNoticeReceived(_LetterReceived):
    """A move-in notice (転入通知)."""

    type: Literal["move-in-notice-received"] = "move-in-notice-received"


class MoveOutCertificateReceived(_LetterReceived):
    """A move-out certificate (転出証明書情報)."""

    type: Literal["move-out-certificate-received"] = "move-out-certificate-received"


LetterReceived = MoveInNoticeReceived | MoveOutCertificateReceived

RegisterMessage = DeliveriesRefused | RefusalsOver | NumberReplied | MoveInNoticeReceived | MoveOutCertificateReceived
"""Every type of message to the register; each has its handler there."""

REGISTER_MODELS: tuple[type[WireModel], ...] = get_args(RegisterMessage)
"""The model of every type of message."""

REGISTER_INBOUND: TypeAdapter[RegisterMessage] = TypeAdapter(Annotated[RegisterMessage, Field(discriminator="type")])


def read_register_inbound(value: bytes) -> RegisterMessage:
    """The message in bytes that the hub sent; raises ValueError."""
    return REGISTER_INBOUND.validate_json(unambiguous(value))
