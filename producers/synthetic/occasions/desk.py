"""The desk at which occasions become filings: the day, who may be drawn, and what must follow."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from random import Random
from typing import Any

from producers.register.filings import Filing, Place
from producers.register.registrar import Outcome
from producers.synthetic.calendar import day_at
from producers.synthetic.city import OPERATOR, Household, Member, SyntheticCity

Learn = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Event:
    """A filing and what the generator learns from its outcome."""

    filing: Filing
    learn: Learn = field(default=lambda _outcome: None)


class Desk:
    """What occasions share; `homes` are the households to which something may happen in this batch."""

    def __init__(self, city: SyntheticCity) -> None:
        self.city = city
        self.random: Random = city.random
        self.day: date = day_at(0)
        self.homes: list[Household] = []
        self._following: deque[tuple[Household, Callable[[], Event]]] = deque()

    def told(self, day: date | None = None, /, **items: Any) -> dict[str, Any]:
        """What every filing tells, filed on `day` or today."""
        filed = (day or self.day).isoformat()
        common = {"filing_id": self.city.filing_id(), "operator": OPERATOR, "filed_on": filed, "changed_on": filed}
        return common | items

    def today(self, *dates: str) -> dict[str, str]:
        """Other dates (申出日・通知日・請求日) that are today."""
        return dict.fromkeys(dates, self.day.isoformat())

    def follow(self, household: Household, then: Callable[[], Event]) -> None:
        """Before anything else happens to the household, `then` must; in a later batch."""
        household.pending += 1
        self._following.append((household, then))

    def due(self, limit: int) -> Iterator[Event]:
        """The filings that must follow now."""
        for _ in range(min(len(self._following), limit)):
            household, then = self._following.popleft()
            event = then()
            yield Event(event.filing, partial(_followed, household, event.learn))

    def likely(self, share: float) -> bool:
        """Whether something happens that happens in this share of all cases."""
        return self.random.random() < share


def _followed(household: Household, learn: Learn, outcome: Outcome) -> None:
    household.pending -= 1
    learn(outcome)


def places(members: Sequence[Member]) -> tuple[Place, ...]:
    """The members' places as the generator remembers them."""
    return tuple(Place(addressee_number=m.addressee_number, relationship=m.relationship or "縁故者") for m in members)
