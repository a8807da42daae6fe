"""What happens at the counter, as entries of the access log; `planted` says which look-ups belong to which misuse."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from producers.synthetic.operators.people import Operator, pseudonym_of, shown
from topics.messages.access import Entry, Handling, LookUp, Question, Standing, UpTo
from topics.office_days import JAPAN

OPENING, OFFICE_MINUTES = time(8, 30), 525
CITY = "142158"


@dataclass(slots=True)
class Desk:
    """The year's log as it comes about."""

    seed: int
    random: Random
    entries: list[Entry] = field(default_factory=list)
    planted: dict[UUID, str] = field(default_factory=dict)

    def moment(self, day: date) -> datetime:
        """Some moment of the office's hours."""
        opening = datetime.combine(day, OPENING, JAPAN)
        return opening + timedelta(seconds=self.random.randrange(OFFICE_MINUTES * 60))

    def look(
        self,
        operator: Operator,
        at: datetime,
        residents: list[int],
        question: Question = Question.SEARCH,
        *,
        found: int | None = None,
        standing: Standing = Standing.ON_DUTY,
        misuse: str = "",
    ) -> LookUp:
        """One look-up; `misuse` names the planted incident that it belongs to."""
        count = len(residents) if found is None else found
        lookup = LookUp(
            event_id=self._id(),
            municipality=CITY,
            at=at,
            operator=operator.account,
            question=question,
            purpose="synthetic",
            case_number=f"{at:%Y}-{self.random.randrange(10**6):06d}",
            number_touched=question is Question.NUMBER,
            found=count,
            too_many=count > len(residents),
            standing=standing,
            subjects=tuple(shown(self.seed, operator, one) for one in residents),
        )
        self.entries.append(lookup)
        if misuse:
            self.planted[lookup.event_id] = misuse
        return lookup

    def file(self, operator: Operator, at: datetime, residents: list[int]) -> None:
        """A filing of these residents is registered."""
        subjects = tuple(pseudonym_of(self.seed, one) for one in residents)
        entry = Handling(
            event_id=self._id(), municipality=CITY, at=at, operator=operator.account, subjects=subjects
        )  # fmt: skip
        self.entries.append(entry)

    def tell_up_to(self, at: datetime) -> None:
        """Everything up to then has been told."""
        self.entries.append(UpTo(event_id=self._id(), municipality=CITY, at=at))

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)
