"""A My Number on its way in a message: guarded but in the bytes that are sealed into its envelope."""

from typing import Annotated, Final

from pydantic import PlainSerializer, SerializationInfo, WithJsonSchema

from topics.guarded import GivenNumber, GuardedError, Purpose
from topics.model import WireModel

FOR_THE_ENVELOPE: Final = "for the envelope"


def _written(number: GivenNumber, info: SerializationInfo) -> str:
    if info.context != FOR_THE_ENVELOPE:
        raise GuardedError("a message with a number is written for its envelope only")
    return number.reveal(Purpose.SEAL)


SealedNumber = Annotated[
    GivenNumber, PlainSerializer(_written), WithJsonSchema({"type": "string", "pattern": "^[0-9]{12}$"})
]
"""個人番号 as a party gave it; whoever writes the model otherwise than for its envelope is refused."""


class SealedWireModel(WireModel):
    """A message that holds such a number."""

    def to_wire(self) -> bytes:
        """UTF-8 JSON without empty fields, to be sealed at once: it is stored and sent in no other form."""
        return self.model_dump_json(exclude_none=True, context=FOR_THE_ENVELOPE).encode()
