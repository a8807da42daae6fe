"""The course of ``kairan live``: servers and roles up, a city loaded, an account made; then a filing now and then."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from consumers.welfare.cases import place
from hub.commandline.deployment import prepare, principal_names, role_names
from hub.commandline.output import undisturbed
from hub.commandline.progress import Steps, steps
from hub.commandline.settlement import wait_until_settled
from hub.pages.accounts import Role, add_account
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.supervisor import Supervisor
from infra.runtime.settings import Settings
from producers.register.registrar import Registrar
from producers.register.standing import some_residents
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import Life, live_on, load_city

WATCHING_ROLES = ("exporter", "pages", "drift", "repairs", "analysis")
HANDLED_SHARE = 0.03
MOST_AT_ONCE = 12
FILINGS_A_YEAR = 10_000
PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class City:
    """How many live there, and how long it is between two filings."""

    residents: int
    seed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Visitor:
    """The log-in made for this run, the authority that signed the pages' certificate, and a resident to ask about."""

    name: str
    password: str
    authority: Path
    resident: str


Told = Callable[[str, Visitor], None]


def run_live(settings: Settings, city: City, told: Told) -> None:
    """Run until interrupted; stops everything whatever happens."""
    with steps() as shown:
        shown.begin("starting Kafka and PostgreSQL")
        with EmbeddedCluster(settings, principal_names(settings), temporary=True) as cluster:
            supervisor = Supervisor(cluster.settings)
            try:
                supervisor.import_ahead()
                shown.begin("preparing databases, topics and rights")
                asyncio.run(prepare(cluster.settings))
                supervisor.start([*role_names(settings), *WATCHING_ROLES])
                asyncio.run(_live(cluster.settings, city, supervisor, shown, told))
            finally:
                undisturbed()
                supervisor.stop()


async def _live(settings: Settings, city: City, supervisor: Supervisor, shown: Steps, told: Told) -> None:
    municipality = settings.municipalities[0]
    people = SyntheticCity(city.seed, municipality, city.residents, settings.numbers_by_request)
    async with Registrar.open(settings, municipality) as registrar:
        shown.begin(f"loading {city.residents} synthetic residents", city.residents)
        await load_city(registrar, people, shown.reach)
        await wait_until_settled(settings, supervisor.refuse_dead)
        handled = await some_residents(settings, municipality, max(1, int(city.residents * HANDLED_SHARE)))
        await place(settings, municipality, handled)
        told(settings.pages_url, await _visitor(settings, handled[0]))
        shown.begin("the city lives: Ctrl-C ends it")
        await _file_on(registrar, Life(people), city.seconds, supervisor)


async def _visitor(settings: Settings, resident: str) -> Visitor:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    await add_account(settings, "auditor-1", Role.AUDITOR, password)
    return Visitor("auditor-1", password, settings.certificates_directory / "ca.crt", resident)


async def _file_on(registrar: Registrar, life: Life, seconds: float, supervisor: Supervisor) -> None:
    filings = 0
    while True:
        supervisor.refuse_dead()
        filings += await live_on(registrar, life, min(1.0, filings / FILINGS_A_YEAR), MOST_AT_ONCE)
        await asyncio.sleep(seconds)
