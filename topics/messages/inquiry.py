"""What an institution asks the intermediate server, and what it is answered (情報照会・情報提供).

Topics ``inquiry.<institution>.v1`` and ``answer.<institution>.v1``. There is no message that would write anything: the
register's office is a provider only (提供のみ).
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, Field, JsonValue, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import to_json

from topics.guarded import LinkCode, Purpose
from topics.items.resident import MunicipalityCode
from topics.messages.change import Positive
from topics.model import WireModel

INQUIRY_SCHEMA: Final = "kairan.inquiry.v1"
ANSWER_SCHEMA: Final = "kairan.answer.v1"

InquiryId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""Drawn at random by the institution, once for each question: the question asked again by anybody is not answered."""
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
ItemNumber = Annotated[int, Field(ge=1, le=99)]

Outcome = Literal["answered", "not-answered", "not-permitted"]
"""`not-answered`: there is no such code, no copy, none published, or staff must look; which of these is not told.
`not-permitted`: the purpose or an item is not declared for the institution, whoever the person is."""


class Inquiry(WireModel):
    """One question: the person by the institution's own code, for a declared purpose, these items of file 1."""

    type: Literal["inquiry"] = "inquiry"
    schema_version: Literal["kairan.inquiry.v1"] = INQUIRY_SCHEMA
    institution: Key
    municipality: MunicipalityCode
    inquiry_id: InquiryId
    purpose: Key
    code: Annotated[LinkCode, WithJsonSchema({"type": "string", "pattern": "^[a-z2-7]{26}$"})]
    items: tuple[ItemNumber, ...] = Field(min_length=1, max_length=99)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.items)) != len(self.items):
            raise ValueError("items: each once")
        return self

    def to_wire(self) -> bytes:
        """The bytes to be sealed; the code is in them."""
        told = self.model_dump(exclude={"code"})
        return to_json({**told, "code": self.code.reveal(Purpose.ASK)})


class Answer(WireModel):
    """One answer; `number` runs 1..n without gap per institution and municipality. Version, moment of publication and
    items by field name only when it is `answered`."""

    type: Literal["answer"] = "answer"
    schema_version: Literal["kairan.answer.v1"] = ANSWER_SCHEMA
    institution: Key
    municipality: MunicipalityCode
    number: Positive
    inquiry_id: InquiryId
    outcome: Outcome
    version: Positive | None = None
    published_from: AwareDatetime | None = None
    items: Mapping[str, JsonValue] | None = None

    @model_validator(mode="after")
    def _contents_only_of_an_answer(self) -> Self:
        told = (self.version, self.published_from, self.items)
        if any((each is not None) != (self.outcome == "answered") for each in told):
            raise ValueError("version, published_from and items are told exactly when it is answered")
        return self
