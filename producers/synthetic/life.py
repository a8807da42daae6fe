"""A year of the city's life: what happens to whom, as filings; what follows from them comes a batch later."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from producers.register.filings import (
    Annulment,
    Birth,
    ChangeOfHead,
    Death,
    DomesticMoveIn,
    ExOfficioCorrection,
    Filing,
    HouseholdMerge,
    HouseholdSplit,
    MoveInFromAbroad,
    MoveOutAnnounced,
    MoveOutEffective,
    MoveWithin,
    NumberEntry,
    Place,
)
from producers.register.registrar import Outcome, Registrar
from producers.synthetic.calendar import day_at
from producers.synthetic.city import OPERATOR, Household, Member, SyntheticCity, remembered
from producers.synthetic.people import birth_date, child, family, my_number, persons, resident_code
from producers.synthetic.places import abroad, elsewhere, home
from topics.relationship import HEAD

BATCH_FILINGS = 250
LARGEST_GROUP = 6
ANNULLED_SHARE = 0.05

Learn = Callable[[Outcome], None]


class SyntheticLifeError(Exception):
    """The register refused what the generator held to be a proper filing: a defect of one of the two."""


@dataclass(frozen=True, slots=True)
class Event:
    """A filing and what the generator learns from its outcome."""

    filing: Filing
    learn: Learn = field(default=lambda _outcome: None)


async def load_city(registrar: Registrar, city: SyntheticCity, told: Callable[[int], None] = lambda _n: None) -> int:
    """Register the initial city; returns how many residents there are. `told` hears of the progress."""
    done = 0
    for batch in city.initial():
        outcomes = await registrar.register([filing for filing, _ in batch])
        for (_, household), outcome in zip(batch, outcomes, strict=True):
            _refuse(outcome)
            city.settle(household, outcome)
            done += len(outcome.residents)
        told(done)
    return done


async def live(
    registrar: Registrar, city: SyntheticCity, changes: int, told: Callable[[int], None] = lambda _n: None
) -> int:
    """Register filings until `changes` changes have been made; returns how many (a few more if the city is tiny)."""
    life, made = Life(city), 0
    while made < changes:
        events = life.next_batch(made / changes, changes - made)
        outcomes = await registrar.register([event.filing for event in events])
        for event, outcome in zip(events, outcomes, strict=True):
            _refuse(outcome)
            event.learn(outcome)
            made += len(outcome.residents)
        told(made)
    return made


def _refuse(outcome: Outcome) -> None:
    if outcome.result != "registered":
        raise SyntheticLifeError(f"{outcome.result} {outcome.code} {outcome.field}: {outcome.sentence}")


class Life:
    """Draws what happens; each household takes part in one event of a batch at most."""

    def __init__(self, city: SyntheticCity) -> None:
        self._city = city
        self._random = city.random
        self._following: deque[tuple[Household, Callable[[], Event]]] = deque()
        self._homes: list[Household] = []
        self._day = day_at(0)
        self._kinds: tuple[tuple[Callable[[Household], Event | None], int], ...] = (
            (self._move_in, 24), (self._from_abroad, 3), (self._move_out, 18), (self._move_within, 12),
            (self._birth, 6), (self._death, 6), (self._split, 3), (self._merge, 3), (self._correction, 14),
        )  # fmt: skip

    def next_batch(self, share: float, left: int) -> list[Event]:
        """Filings of the next days, of at most `left` changes in all."""
        self._day = day_at(share)
        self._homes = [h for h in self._city.households.values() if not h.pending and h.members]
        self._random.shuffle(self._homes)
        if left < LARGEST_GROUP and self._homes:
            return [self._correct(self._homes.pop())]
        events = list(self._due(max(1, left // LARGEST_GROUP)))
        limit = min(BATCH_FILINGS, left // LARGEST_GROUP, max(1, len(self._homes) // 3))
        while len(events) < limit and self._homes:
            events.append(self._happens_to(self._homes.pop()))
        return events or [self._move_in(None)]

    def _happens_to(self, household: Household) -> Event:
        kinds, weights = zip(*self._kinds, strict=True)
        event: Event | None = self._random.choices(kinds, weights)[0](household)
        return event or self._correct(household)

    def _due(self, limit: int) -> Iterator[Event]:
        for _ in range(min(len(self._following), limit)):
            household, then = self._following.popleft()
            event = then()
            yield Event(event.filing, partial(_followed, household, event.learn))

    def _follow(self, household: Household, then: Callable[[], Event]) -> None:
        household.pending += 1
        self._following.append((household, then))

    def _told(self, **items: Any) -> dict[str, Any]:
        day = self._day.isoformat()
        common = {"filing_id": self._city.filing_id(), "operator": OPERATOR, "filed_on": day, "changed_on": day}
        return common | items

    def _move_in(self, _: Household | None) -> Event:
        return self._arrival(DomesticMoveIn, elsewhere(self._random, self._city.municipality), numbered=True)

    def _from_abroad(self, _: Household) -> Event:
        return self._arrival(MoveInFromAbroad, abroad(self._random), numbered=False)

    def _arrival(self, kind: type[DomesticMoveIn] | type[MoveInFromAbroad], origin: Any, *, numbered: bool) -> Event:
        address = home(self._random, self._city.municipality)
        kin = family(self._random, elsewhere(self._random, self._city.municipality))
        people = persons(self._random, kin, self._day, numbered=numbered)
        filing = kind(**self._told(origin=origin, address=address, persons=people))
        household = remembered(kin.name, address, filing.persons)
        return Event(filing, partial(self._arrived, household, numbered))

    def _arrived(self, household: Household, numbered: bool, outcome: Outcome) -> None:  # noqa: FBT001
        self._city.settle(household, outcome)
        for member in household.members if not numbered else ():
            self._follow(household, partial(self._numbers, member, resident_code(self._random)))

    def _numbers(self, member: Member, code: str | None) -> Event:
        told = self._told(resident=member.addressee_number, my_number=my_number(self._random))
        return Event(NumberEntry(**told, resident_code=code))

    def _move_out(self, household: Household) -> Event:
        leavers = household.members if self._random.random() < 0.7 else household.members[-1:]
        numbers = tuple(member.addressee_number for member in leavers)
        to = elsewhere(self._random, self._city.municipality) if self._random.random() < 0.9 else abroad(self._random)
        planned = self._day + timedelta(days=self._random.randint(1, 14))
        told = self._told(residents=numbers, to=to) | {"changed_on": planned.isoformat()}
        return Event(MoveOutAnnounced(**told), lambda _: self._announced(household, leavers, planned))

    def _announced(self, household: Household, leavers: Sequence[Member], planned: date) -> None:
        self._follow(household, partial(self._moved_out, household, list(leavers), planned))

    def _moved_out(self, household: Household, leavers: list[Member], planned: date) -> Event:
        notified = planned - timedelta(days=self._random.randint(0, 4))
        told = self._told(residents=tuple(m.addressee_number for m in leavers), notified_on=notified.isoformat())
        filing = MoveOutEffective(**told | {"changed_on": planned.isoformat()})
        return Event(filing, partial(self._left, household, leavers))

    def _left(self, household: Household, leavers: Sequence[Member], _outcome: Outcome) -> None:
        gone = {member.addressee_number for member in leavers}
        household.members = [m for m in household.members if m.addressee_number not in gone]
        if not household.members:
            del self._city.households[household.number]
        elif any(member.relationship == HEAD for member in leavers):
            self._headless(household)

    def _headless(self, household: Household) -> None:
        if len(household.members) == 1:
            household.members[0].relationship = HEAD
        else:
            self._follow(household, partial(self._new_head, household))

    def _new_head(self, household: Household) -> Event:
        for index, member in enumerate(household.members):
            member.relationship = HEAD if index == 0 else "縁故者"
        told = self._told(household_number=household.number, places=_places(household.members))
        return Event(ChangeOfHead(**told))

    def _move_within(self, household: Household) -> Event:
        address = home(self._random, self._city.municipality)
        filing = MoveWithin(**self._told(places=_places(household.members), address=address))
        return Event(filing, lambda _: setattr(household, "address", address))

    def _birth(self, household: Household) -> Event:
        told = child(self._random, household.name, self._day)
        filing = Birth(**self._told(household_number=household.number, child=told))
        return Event(filing, partial(self._born, household))

    def _born(self, household: Household, outcome: Outcome) -> None:
        newborn = Member(outcome.residents[0], "子", self._day.isoformat())
        household.members.append(newborn)
        self._follow(household, partial(self._numbers, newborn, None))

    def _death(self, household: Household) -> Event:
        oldest = min(household.members, key=lambda member: member.birth_date)
        filing = Death(**self._told(resident=oldest.addressee_number))
        return Event(filing, partial(self._left, household, [oldest]))

    def _split(self, household: Household) -> Event | None:
        if len(household.members) < 3:
            return None
        leaver = household.members[-1]
        places = (Place(addressee_number=leaver.addressee_number, relationship=HEAD),)
        return Event(HouseholdSplit(**self._told(places=places)), partial(self._separated, household, leaver))

    def _separated(self, household: Household, leaver: Member, outcome: Outcome) -> None:
        household.members.remove(leaver)
        own = Household(outcome.household_number or "", household.address, household.name, [leaver])
        self._city.households[own.number] = own
        former, leaver.relationship = leaver.relationship, HEAD
        if self._random.random() < 0.5 and former is not None:
            own.pending += 1
            self._follow(household, partial(self._reunited, household, own, former))

    def _merge(self, household: Household) -> Event | None:
        """A person of another household moves in with this one; who stays there follows by the register's rule."""
        other = next((h for h in self._homes if len(h.members) == 1), None)
        if other is None:
            return None
        self._homes.remove(other)
        mover = other.members[0]
        places = (Place(addressee_number=mover.addressee_number, relationship="同居人"),)
        told = self._told(places=places, address=household.address, household_number=household.number)
        return Event(MoveWithin(**told), partial(self._joined, household, other, mover, "同居人"))

    def _reunited(self, household: Household, own: Household, relationship: str) -> Event:
        places = (Place(addressee_number=own.members[0].addressee_number, relationship=relationship),)
        told = self._told(household_number=household.number, places=places)
        joined = partial(self._joined, household, own, own.members[0], relationship)
        return Event(HouseholdMerge(**told), joined)

    def _joined(
        self, household: Household, other: Household, mover: Member, relationship: str, _outcome: Outcome
    ) -> None:
        mover.relationship = relationship
        household.members.append(mover)
        del self._city.households[other.number]

    def _correction(self, household: Household) -> Event:
        event = self._correct(household)
        if self._random.random() >= ANNULLED_SHARE:
            return event
        return Event(event.filing, lambda _: self._follow(household, partial(self._annul, event.filing)))

    def _correct(self, household: Household) -> Event:
        """A wrongly recorded day of birth; always another one than the generator remembers."""
        member = self._random.choice(household.members)
        right = birth_date(self._random, int(member.birth_date[:4]) - 1)
        filing = ExOfficioCorrection(**self._told(resident=member.addressee_number, birth_date=right))
        return Event(filing, lambda _: setattr(member, "birth_date", right))

    def _annul(self, filing: Filing) -> Event:
        return Event(Annulment(**self._told(annuls=filing.filing_id)))


def _followed(household: Household, learn: Learn, outcome: Outcome) -> None:
    household.pending -= 1
    learn(outcome)


def _places(members: Sequence[Member]) -> tuple[Place, ...]:
    return tuple(Place(addressee_number=m.addressee_number, relationship=m.relationship or "縁故者") for m in members)
