"""Load: a synthetic city's filings at a steady pace, handed in again and again until the register has answered."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from consumers.welfare.cases import place
from hub.commandline.drills.canary import planted
from infra.runtime.postgres import DATABASE_ERRORS
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings
from producers.register.filings import Filing
from producers.register.registrar import Outcome, Registrar
from producers.register.standing import some_residents
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import Life, load_city

RESIDENTS = 200
SEED = 8
CHANGES_A_SECOND, PAUSE_SECONDS = 50.0, 0.2
YEAR_CHANGES = 20_000
RETRY_SECONDS = 0.2
AWAY = (*DATABASE_ERRORS, OSError, Refusal, TimeoutError)


@dataclass(slots=True)
class Load:
    """What is filed with the first municipality, at `rate` changes a second; `confirmed` counts the changes that the
    register has said it has."""

    settings: Settings
    residents: int = RESIDENTS
    rate: float = CHANGES_A_SECOND
    confirmed: int = 0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _city: SyntheticCity = field(init=False)

    def __post_init__(self) -> None:
        self._city = SyntheticCity(SEED, self.municipality, self.residents)

    @property
    def municipality(self) -> str:
        """The city that lives."""
        return self.settings.municipalities[0]

    async def begin(self) -> None:
        """Register the city and the canary, and let welfare handle some of it."""
        async with Registrar.open(self.settings, self.municipality) as registrar:
            self.confirmed += await load_city(registrar, self._city)
            (canary,) = await registrar.register([planted(self.municipality)])
            self._counts(canary)
        handled = await some_residents(self.settings, self.municipality, self.residents // 2)
        await place(self.settings, self.municipality, handled)

    async def run(self) -> None:
        """File until `end`; what could not be filed when it was due is filed as soon as it can be."""
        life, began, before = Life(self._city), time.monotonic(), self.confirmed
        async with Registrar.open(self.settings, self.municipality) as registrar:
            while not self._stop.is_set():
                due = int((time.monotonic() - began) * self.rate) - (self.confirmed - before)
                events = life.next_batch(min(0.99, self.confirmed / YEAR_CHANGES), due) if due > 0 else []
                outcomes = await self._registered(registrar, [event.filing for event in events])
                for event, outcome in zip(events, outcomes, strict=True):
                    if self._counts(outcome):
                        event.learn(outcome)
                await asyncio.sleep(PAUSE_SECONDS)

    def end(self) -> None:
        """File no more."""
        self._stop.set()

    async def _registered(self, registrar: Registrar, filings: Sequence[Filing]) -> list[Outcome]:
        """What the register answers at last; the same filings are handed in while it does not."""
        while True:
            try:
                return await registrar.register(filings)
            except AWAY:
                await asyncio.sleep(RETRY_SECONDS)

    def _counts(self, outcome: Outcome) -> bool:
        """Whether it was registered now; one whose answer was lost is repeated, and a later one about the same
        household, whom the generator has lost sight of, may be refused."""
        self.confirmed += len(outcome.residents)
        return outcome.result == "registered"
