"""A year of the city's life: what happens to whom, as filings; what follows from them comes a batch later."""

from collections.abc import Callable

from producers.register.findings import Rule
from producers.register.registrar import Outcome, Registrar
from producers.synthetic.calendar import day_at
from producers.synthetic.city import Household, SyntheticCity
from producers.synthetic.occasions import family, moving, records
from producers.synthetic.occasions.desk import Desk, Event

BATCH_FILINGS = 250
LARGEST_GROUP = 6
Occasion = Callable[[Desk, Household], Event | None]
SHARES: tuple[tuple[Occasion, float], ...] = (
    (moving.move_in, 35), (moving.come_back, 2), (moving.from_abroad, 4), (moving.found_here, 1),
    (moving.move_out, 30), (moving.move_within, 17), (moving.remove, 2),
    (family.birth, 10), (family.death, 12), (family.split, 5), (family.join, 2), (family.change_head, 2),
    (records.correction, 14), (records.slip, 4), (records.reword, 5), (records.former_name, 3),
    (records.naturalise, 0.5), (records.lose_nationality, 0.3), (records.residence, 12), (records.alias, 2),
    (records.change_number, 2), (records.change_code, 1.5), (records.renew, 2),
)  # fmt: skip
"""Filings of each occasion, in hundreds a year of a city of 140,000 (Ebina); what follows comes on top.

After yearly numbers of moves, births and deaths; the shares of record keeping are estimates.
"""


class SyntheticLifeError(Exception):
    """The register refused what the generator held to be a proper filing: a defect of one of the two."""


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
    registrar: Registrar,
    city: SyntheticCity,
    changes: int,
    told: Callable[[int], None] = lambda _n: None,
    *,
    share: float = 1.0,
) -> int:
    """Register filings until `changes` changes have been made, over this share (0..1) of a year from its beginning.

    Returns how many (a few more if the city is tiny).
    """
    life, made = Life(city), 0
    while made < changes:
        made += await live_on(registrar, life, share * made / changes, changes - made)
        told(made)
    return made


async def live_on(registrar: Registrar, life: "Life", share: float, most: int) -> int:
    """Register the filings of the next days, of at most `most` changes, at this share of the year; returns how many.

    Where numbers come by request, one may come before what was to be annulled is; then that stands.
    """
    made = 0
    events = life.next_batch(share, most)
    outcomes = await registrar.register([event.filing for event in events])
    for event, outcome in zip(events, outcomes, strict=True):
        if not (life.by_request and outcome.code == Rule.NOT_LATEST.value):
            _refuse(outcome)
        event.learn(outcome)
        made += len(outcome.residents)
    return made


def _refuse(outcome: Outcome) -> None:
    if outcome.result != "registered":
        raise SyntheticLifeError(f"{outcome.result} {outcome.code} {outcome.field}: {outcome.sentence}")


class Life:
    """Draws what happens; each household takes part in one event of a batch at most."""

    def __init__(self, city: SyntheticCity) -> None:
        self._city = city
        self._desk = Desk(city)

    @property
    def by_request(self) -> bool:
        """Whether numbers come from elsewhere, at moments that nobody here knows."""
        return self._city.numbers_by_request

    def next_batch(self, share: float, left: int) -> list[Event]:
        """Filings of the next days, of at most `left` changes in all."""
        desk = self._desk
        desk.day = day_at(share)
        desk.homes = [h for h in self._city.households.values() if not h.pending and h.members]
        desk.random.shuffle(desk.homes)
        if left < LARGEST_GROUP and desk.homes:
            return [records.correct(desk, desk.homes.pop())]
        events = list(desk.due(max(1, left // LARGEST_GROUP)))
        limit = min(BATCH_FILINGS, left // LARGEST_GROUP, max(1, len(desk.homes) // 3))
        while len(events) < limit and desk.homes:
            events.append(self._happens_to(desk.homes.pop()))
        return events or [moving.move_in(desk, None)]

    def _happens_to(self, household: Household) -> Event:
        occasions, weights = zip(*SHARES, strict=True)
        event: Event | None = self._desk.random.choices(occasions, weights)[0](self._desk, household)
        return event or records.correct(self._desk, household)
