"""The synthetic city: what it was when it was taken over, and what its generator remembers of it since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from uuid import UUID

from producers.register.filings import Migration, NewPerson
from producers.register.registrar import Outcome
from producers.synthetic.calendar import FIRST_DAY
from producers.synthetic.people import birth_date, family, persons
from producers.synthetic.places import home
from topics.items.resident import Address, PersonName, Sex
from topics.reasons import reason_code

BATCH_PERSONS = 1000
OPERATOR = "synthetic-counter-1"


@dataclass(slots=True)
class Member:
    """What the generator remembers of a person."""

    addressee_number: str
    relationship: str | None
    birth_date: str
    name: PersonName
    sex: Sex
    foreign: bool = False
    numbered: bool = False
    coded: bool = False
    alias: bool = False


@dataclass(slots=True)
class Household:
    """What the generator remembers of a household; `name` is the family's, for children to come.

    `pending` counts filings that must follow before anything else happens to it.
    """

    number: str
    address: Address
    name: tuple[str, str]
    members: list[Member]
    pending: int = 0


@dataclass(slots=True)
class SyntheticCity:
    """A city of exactly `residents` residents, the same for the same seed and municipality.

    `departed` are those who moved out and may come back. `numbers_by_request`: who has no My Number is asked for at the
    organisation (機構), and the generator files none itself.
    """

    seed: int
    municipality: str
    residents: int
    numbers_by_request: bool = False
    households: dict[str, Household] = field(default_factory=dict)
    departed: list[Member] = field(default_factory=list)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/{self.municipality}")  # noqa: S311 - it must be the same for the same seed

    def filing_id(self) -> UUID:
        """The next filing's id."""
        return UUID(int=self.random.getrandbits(128), version=4)

    def initial(self) -> Iterator[list[tuple[Migration, Household]]]:
        """Batches of migration filings, each with the household as the generator will remember it."""
        left = self.residents
        while left:
            batch, taken = [], 0
            while taken < min(left, BATCH_PERSONS):
                batch.append(self._migration(min(left, BATCH_PERSONS) - taken))
                taken += len(batch[-1][0].persons)
            left -= taken
            yield batch

    def settle(self, household: Household, outcome: Outcome) -> None:
        """Remember a household under the numbers that the register gave."""
        household.number = outcome.household_number or ""
        for member, number in zip(household.members, outcome.residents, strict=True):
            member.addressee_number = number
        self.households[household.number] = household

    def _migration(self, largest: int) -> tuple[Migration, Household]:
        random = self.random
        address = home(random, self.municipality)
        kin = family(random, home(random, self.municipality), largest)
        told = [
            {
                **person,
                "resident_since": since,
                "resident_since_reason": reason_code("domestic-move-in", FIRST_DAY),
                "address_since": since,
            }
            for person in persons(random, kin, FIRST_DAY, numbered=True)
            for since in [self._day_before()]
        ]
        filing = Migration(
            filing_id=self.filing_id(),
            operator=OPERATOR,
            filed_on=FIRST_DAY.isoformat(),
            changed_on=FIRST_DAY.isoformat(),
            address=address,
            persons=told,
        )
        return filing, remembered(kin.name, address, filing.persons)

    def _day_before(self) -> str:
        day: date = FIRST_DAY - timedelta(days=self.random.randint(30, 9000))
        return birth_date(self.random, day.year - 1)


def remembered(name: tuple[str, str], address: Address, people: Sequence[NewPerson]) -> Household:
    """A household to come, whose numbers the register has yet to give."""
    members = [
        Member(
            p.addressee_number or "", p.relationship, p.birth_date, p.name, p.sex, foreign=p.foreign is not None,
            numbered=p.my_number is not None, coded=p.resident_code is not None,
        )
        for p in people
    ]  # fmt: skip
    return Household("", address, name, members)
