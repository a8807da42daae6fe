"""A deployment of its own for one test: environment on the shared servers, every role a process of its own."""

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from consumers.welfare.cases import place
from hub.commandline.deployment import prepare, role_names
from hub.commandline.settlement import wait_until_settled
from hub.commandline.verify import run_verify
from infra.check.findings import Report
from infra.embedded.supervisor import Supervisor
from infra.runtime.settings import Settings
from producers.register.registrar import Registrar
from producers.register.standing import some_residents
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import live, load_city
from topics.declared import SHIPPED

HANDLED_EACH = 20

Meanwhile = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Deployment:
    """The roles under `settings`, and a synthetic city for each municipality."""

    settings: Settings
    supervisor: Supervisor
    cities: dict[str, SyntheticCity] = field(default_factory=dict)

    async def load(self, residents: int) -> None:
        """Load every city, and let welfare handle some persons of each."""
        for municipality in self.settings.municipalities:
            self.cities[municipality] = SyntheticCity(7, municipality, residents, self.settings.numbers_by_request)
            async with Registrar.open(self.settings, municipality) as registrar:
                await load_city(registrar, self.cities[municipality])
            await place(self.settings, municipality, await some_residents(self.settings, municipality, HANDLED_EACH))

    async def live(self, changes: int, meanwhile: Meanwhile | None = None) -> None:
        """`changes` changes in every city at once, while `meanwhile` happens."""
        async with asyncio.TaskGroup() as tasks:
            for municipality in self.settings.municipalities:
                tasks.create_task(self._live(municipality, changes))
            if meanwhile is not None:
                tasks.create_task(_after(meanwhile))

    async def settle(self) -> None:
        """Wait until everything has arrived everywhere."""
        await wait_until_settled(self.settings, self.supervisor.refuse_dead)

    async def verify(self) -> Report:
        """What the independent verifier says."""
        return await asyncio.to_thread(run_verify, self.settings)

    async def _live(self, municipality: str, changes: int) -> None:
        async with Registrar.open(self.settings, municipality) as registrar:
            await live(registrar, self.cities[municipality], changes)


async def _after(meanwhile: Meanwhile) -> None:
    await meanwhile()


def with_day_windows(settings: Settings, directory: Path) -> Settings:
    """The grants as shipped, in a directory of the test's own, but for windows of a day: none ends in mid-test."""
    grants = shutil.copytree(SHIPPED, directory / "grants", ignore=shutil.ignore_patterns("__*"))
    for file in grants.glob("*.yaml"):
        text = re.sub(r"(window|limit)_minutes: [0-9]+", r"\1_minutes: 1440", file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
    return settings.model_copy(update={"grants_directory": grants})


async def deployed(settings: Settings, *more_roles: str) -> Deployment:
    """Databases, topics and rights prepared, every role started once, and `more_roles` once more."""
    deployment = Deployment(settings, Supervisor(settings))
    deployment.supervisor.import_ahead()
    await prepare(settings)
    deployment.supervisor.start([*role_names(settings), *more_roles])
    return deployment
