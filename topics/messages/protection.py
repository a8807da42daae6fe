"""What is said of a protection (支援措置): that data are blocked, at which level and when; not why or from whom.

A temporary lifting (一時解除) has no form here: it would be taken for a real one, and stays in the office.
"""

from datetime import date
from typing import Literal, get_args

from topics.model import WireModel

Level = Literal["address", "record"]
"""What is blocked."""
Told = Literal["none", "flag", "level-and-period"]
"""How much a recipient is told, from nothing to most."""


def up_to(most: Told) -> tuple[Told, ...]:
    """Everything that tells no more than `most`."""
    every: tuple[Told, ...] = get_args(Told)
    return every[: every.index(most) + 1]


class ProtectionState(WireModel):
    """Where a person's protection stands by its newest step; `none` says that there never was one.

    Provisional (仮支援措置) from the application, full from the decision. `ends_on` asks for a review, lifts nothing.
    """

    status: Literal["none", "provisional", "full", "ended"]
    level: Level | None = None
    begins_on: date | None = None
    ends_on: date | None = None

    @property
    def blocks(self) -> bool:
        """Whether the person's data are blocked, whatever the day."""
        return self.status in ("provisional", "full")


NOT_PROTECTED = ProtectionState(status="none")


class ProtectionTold(WireModel):
    """What a recipient is told: whether data are `blocked` (自動応答不可); level and period where its grant says so.

    `unknown` is told as blocked: nobody has said yet that the person is not protected.
    """

    blocked: bool
    status: Literal["unknown", "none", "provisional", "full"] | None = None
    level: Level | None = None
    begins_on: date | None = None
    ends_on: date | None = None
