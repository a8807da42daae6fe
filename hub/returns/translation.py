"""What a translator makes of a party's messages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hub.router.intake import Unreadable
from topics.messages.register_inbound import RegisterMessage

Draft = Callable[..., RegisterMessage]
"""A message to the register that still lacks what all of them say of their origin, and its number."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Drafts by the party's own message number, and messages that are not believed."""

    drafts: Mapping[int, Draft]
    refused: tuple[Unreadable, ...] = field(default=())
