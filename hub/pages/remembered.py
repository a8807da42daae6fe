"""What a page was told last, for the time in which a database does not answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from hub.pages.sessions import UNANSWERED

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Remembered(Generic[Told]):
    """What was told, when, and whether it is only remembered."""

    told: Told
    at: datetime
    failed: bool = False


@dataclass(slots=True)
class Memory:
    """The last answers, by what was asked; only what does not depend on who asks."""

    _answers: dict[str, Remembered[Any]] = field(default_factory=dict)

    async def ask(self, what: str, question: Callable[[], Awaitable[Told]]) -> Remembered[Told]:
        """The answer, or the one before; raises one of `UNANSWERED` when there is neither."""
        try:
            answer = Remembered(await question(), datetime.now(UTC))
        except UNANSWERED:
            if what not in self._answers:
                raise
            before = self._answers[what]
            return Remembered(before.told, before.at, failed=True)
        self._answers[what] = answer
        return answer
