"""Identity confirmation queries (本人確認情報照会) of the city's office to the national role, and its answers.

Topics ``confirm.ask.v1`` and ``confirm.answer.v1``. A person is asked for by resident code, or by the four items (氏名,
住所, 生年月日, 性別) as they are written. No number is ever told in an answer.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import to_json

from topics.dates import RegisterDate
from topics.guarded import Purpose, ResidentCode
from topics.items.resident import MunicipalityCode, Sex
from topics.messages.access import Account
from topics.messages.change import Positive
from topics.messages.inbound import Reason
from topics.messages.inquiry import InquiryId
from topics.model import WireModel

QUERY_SCHEMA: Final = "kairan.confirmation-query.v1"
ANSWER_SCHEMA: Final = "kairan.confirmation-answer.v1"

Outcome = Literal["confirmed", "none", "several"]
"""Exactly one person fits, or nobody, or more than one: of these nothing is told but that."""

Code = Annotated[ResidentCode, WithJsonSchema({"type": "string", "pattern": "^[0-9]{11}$"})]
"""Guarded: it becomes text only where the query is sealed."""
Written = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class FourItems(WireModel):
    """本人確認の4情報, each as the register writes it."""

    name: Written = Field(repr=False)
    address: Written = Field(repr=False)
    birth_date: RegisterDate = Field(repr=False)
    sex: Sex = Field(repr=False)


class Query(WireModel):
    """One question about one person, for a stated purpose, by a named operator."""

    type: Literal["confirmation-query"] = "confirmation-query"
    schema_version: Literal["kairan.confirmation-query.v1"] = QUERY_SCHEMA
    municipality: MunicipalityCode
    inquiry_id: InquiryId
    operator: Account
    purpose: Reason
    code: Code | None = None
    person: FourItems | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.code is None) == (self.person is None):
            raise ValueError("either code or person")
        return self

    def to_wire(self) -> bytes:
        """The bytes to be sealed; the code is in them."""
        told = self.model_dump(exclude={"code"}, exclude_none=True)
        return to_json({**told, "code": self.code.reveal(Purpose.ASK)} if self.code is not None else told)


class Confirmation(WireModel):
    """One answer; `number` runs 1..n without gap per municipality. `items` are fields of file 2, only of a person who
    is confirmed."""

    type: Literal["confirmation"] = "confirmation"
    schema_version: Literal["kairan.confirmation-answer.v1"] = ANSWER_SCHEMA
    municipality: MunicipalityCode
    number: Positive
    inquiry_id: InquiryId
    outcome: Outcome
    items: dict[str, JsonValue] | None = Field(None, repr=False)

    @model_validator(mode="after")
    def _items_only_of_one(self) -> Self:
        if (self.items is not None) != (self.outcome == "confirmed"):
            raise ValueError("items are told exactly when one person is confirmed")
        return self
