"""What each recipient is to be told by each reason of change: declared beside the grants, read once; tests hold it.

It decides nothing: a grant's triggers do. It says what a reader of the law expects, and why a grant departs from that.
"""

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Self

import yaml
from pydantic import Field, model_validator

from topics.messages.delivery import DeliveryKind
from topics.model import WireModel
from topics.reason_matrix import Channel, reason_matrix


class Expectation(WireModel):
    """One recipient's, or every counterparty's of a template: its `channel` in the matrix of reasons, and by kind of
    delivery the reasons that bring one.

    `silent` says why a reason of the channel tells nothing, `beyond` why one of no channel of its own tells something.
    """

    recipient: str
    channel: Channel
    messages: dict[DeliveryKind, tuple[str, ...]]
    silent: dict[str, str] = Field(default_factory=dict)
    beyond: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        concerned = {reason for reason, row in reason_matrix().items() if self.channel in row.channels}
        if self.silent.keys() - concerned or self.beyond.keys() & concerned:
            raise ValueError("silent, beyond: silent are reasons of the channel, beyond are not")
        listed = [reason for reasons in self.messages.values() for reason in reasons]
        if len(listed) != len(set(listed)) or set(listed) != (concerned - self.silent.keys()) | self.beyond.keys():
            raise ValueError("messages: each reason of the channel once, but for the silent, and those beyond it")
        return self

    def kind(self, reason: str) -> DeliveryKind | None:
        """What the reason brings a recipient that follows the person; None: nothing."""
        return next((kind for kind, reasons in self.messages.items() if reason in reasons), None)


@cache
def message_matrix() -> MappingProxyType[str, Expectation]:
    """Every expectation by its recipient."""
    found = sorted(files("topics.matrix").iterdir(), key=lambda file: file.name)
    texts = [file.read_text(encoding="utf-8") for file in found if file.name.endswith(".yaml")]
    expectations = [Expectation.model_validate(yaml.safe_load(text)) for text in texts]
    return MappingProxyType({each.recipient: each for each in expectations})
