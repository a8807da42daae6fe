"""Load: a synthetic city's filings at a steady pace, handed in again and again until the register has answered."""

import asyncio
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

RESIDENTS, HANDLED = 200, 100
SEED = 8
BATCH_CHANGES, PAUSE_SECONDS = 60, 0.2
YEAR_CHANGES = 20_000
RETRY_SECONDS = 0.2
AWAY = (*DATABASE_ERRORS, OSError, Refusal, TimeoutError)


@dataclass(slots=True)
class Load:
    """What is filed with the first municipality; `confirmed` counts the changes that the register has said it has."""

    settings: Settings
    confirmed: int = 0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _city: SyntheticCity = field(init=False)

    def __post_init__(self) -> None:
        self._city = SyntheticCity(SEED, self.municipality, RESIDENTS)

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
        await place(self.settings, self.municipality, await some_residents(self.settings, self.municipality, HANDLED))

    async def run(self) -> None:
        """File until `end`, ten batches in two seconds, some 50 changes a second."""
        life = Life(self._city)
        async with Registrar.open(self.settings, self.municipality) as registrar:
            while not self._stop.is_set():
                events = life.next_batch(min(0.99, self.confirmed / YEAR_CHANGES), BATCH_CHANGES)
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
