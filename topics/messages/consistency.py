"""What ought to stand at a recipient, for the periodic check of consistency (整合用データ): digests, never contents.

A list is handed over as a file, in batches by subject. Each item's digest is keyed: under a key drawn for this one
list, with subject and field in it, so that nothing can be joined over residents or over lists. Who holds the key can
try values; so it lies only within the envelopes, which the recipient alone can open, and it may hold the values anyway.
"""

import hmac
import json
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from topics.items.resident import MunicipalityCode
from topics.messages.change import Positive
from topics.messages.inbound import Generation
from topics.messages.inquiry import ItemNumber
from topics.model import WireModel

SCHEMA: Final = "kairan.consistency.v1"
BATCH_RESIDENTS: Final = 1000
DIGEST_BYTES = 8
"""Two values under a secret key come out the same once in 2^64."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Secret = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Expected(WireModel):
    """One resident as she ought to stand: after delivery `number`, her own `sequence`-th.

    `digests` go with the list's `items`; None where the recipient was not told of a later value, as its grant says.
    Unless `settled`, deliveries of hers are under way and nothing is said.
    """

    subject: str
    sequence: Positive
    number: Positive
    settled: bool
    state: Literal["active", "ceased", "absent"] = "absent"
    digests: tuple[Digest | None, ...] = ()


class ConsistencyBatch(WireModel):
    """One of the list's batches; `position` is the last delivery that it knows of, `untold` counts residents to whom
    the recipient is entitled and of whom it was sent nothing."""

    schema_version: Literal["kairan.consistency.v1"] = SCHEMA
    recipient: str
    municipality: MunicipalityCode
    generation: Generation
    list_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    batch: Positive
    batches: Positive
    position: Annotated[int, Field(ge=0)]
    untold: Annotated[int, Field(ge=0)]
    key: Secret = Field(repr=False)
    items: tuple[ItemNumber, ...]
    residents: tuple[Expected, ...] = Field(max_length=BATCH_RESIDENTS)


def item_digest(key: bytes, subject: str, field: str, value: object) -> str:
    """The digest of one item's value; nothing told and an empty value are the same."""
    told = json.dumps([subject, field, value], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, told.encode(), "sha256")[:DIGEST_BYTES].hex()
