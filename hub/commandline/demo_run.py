"""The demo's course: servers up, a city loaded, a year lived, everything applied, refusals tried, all verified."""

import asyncio
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from consumers.kit.interests import place
from hub.commandline.abuse.run import Drill, run_drill, selected
from hub.commandline.deployment import grants_now, prepare, principal_names, role_names
from hub.commandline.output import quiet_libraries, undisturbed
from hub.commandline.progress import Steps, steps
from hub.commandline.settlement import Standing, recipients_standing, wait_until_settled
from hub.commandline.verify import run_verify
from infra.check.findings import Report
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.supervisor import Supervisor, peak_memory
from infra.runtime.settings import Settings
from producers.register.registrar import Registrar
from producers.register.standing import last_position, reasons_after, some_residents
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import live, load_city

HANDLED_SHARE = 0.03
MUST_FAIL = (2, 3, 5, 16, 18, 47)
"""The abuse cases that the demo tries; `kairan drill abuse` tries all."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the demo plays."""

    residents: int
    changes: int
    seed: int
    share: float = 1.0
    """Of a year, from its beginning."""


@dataclass(frozen=True, slots=True)
class Result:
    """What happened; `seconds` run from the year's first filing to the last acknowledgement, `reasons` counts the
    year's changes by the code of their reason."""

    residents: int
    changes: int
    seconds: float
    recipients: dict[str, Standing]
    verification: Report
    denials: Drill
    peak_memory: dict[str, int]
    reasons: dict[str, int]

    @property
    def good(self) -> bool:
        """Whether everything holds and everything that must fail failed."""
        return self.verification.ok and self.denials.good


def run_demo(settings: Settings, scenario: Scenario) -> Result:
    """Play `scenario` on servers of its own; stops them whatever happens."""
    with steps() as shown:
        shown.begin("starting Kafka and PostgreSQL")
        with EmbeddedCluster(settings, principal_names(settings), temporary=True) as cluster:
            supervisor = Supervisor(cluster.settings)
            try:
                supervisor.import_ahead()
                shown.begin("preparing databases, topics and rights")
                asyncio.run(prepare(cluster.settings))
                supervisor.start(role_names(settings))
                return _play(cluster.settings, scenario, shown, supervisor)
            finally:
                undisturbed()
                supervisor.stop()


def _play(settings: Settings, scenario: Scenario, shown: Steps, supervisor: Supervisor) -> Result:
    year = asyncio.run(_live(settings, scenario, shown, supervisor))
    shown.begin("trying what must fail")
    denials = asyncio.run(run_drill(settings, selected(*MUST_FAIL)))
    standing = asyncio.run(recipients_standing(settings))
    memory = supervisor.peak_memory()
    shown.begin("verifying")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        report, memory["verify"] = apart.submit(_verified, settings).result()
    memory["demo"] = peak_memory(os.getpid())
    return Result(scenario.residents, year.changes, year.seconds, standing, report, denials, memory, year.reasons)


def _verified(settings: Settings) -> tuple[Report, int]:
    """The verifier's report and peak memory; it runs in a process of its own, as `kairan verify` does."""
    quiet_libraries()
    return run_verify(settings), peak_memory(os.getpid())


@dataclass(frozen=True, slots=True)
class Year:
    """What was filed, and in which time everybody had acknowledged it."""

    changes: int
    seconds: float
    reasons: dict[str, int]


async def _live(settings: Settings, scenario: Scenario, shown: Steps, supervisor: Supervisor) -> Year:
    municipality = settings.municipalities[0]
    by_request = settings.numbers_by_request
    city = SyntheticCity(scenario.seed, municipality, scenario.residents, by_request)
    async with Registrar.open(settings, municipality) as registrar:
        shown.begin(f"loading {scenario.residents} synthetic residents", scenario.residents)
        await load_city(registrar, city, shown.reach)
        await wait_until_settled(settings, supervisor.refuse_dead)
        handled = await some_residents(settings, municipality, max(1, int(scenario.residents * HANDLED_SHARE)))
        for recipient in (grant.recipient for grant in grants_now(settings) if grant.population == "interest"):
            await place(settings, recipient, municipality, handled)
        await wait_until_settled(settings, supervisor.refuse_dead)
        shown.begin("a year of filings", scenario.changes)
        before, started = await last_position(settings, municipality), time.monotonic()
        made = await live(registrar, city, scenario.changes, shown.reach, share=scenario.share)
        shown.begin("waiting for every acknowledgement")
        await wait_until_settled(settings, supervisor.refuse_dead)
        seconds = time.monotonic() - started
    return Year(made, seconds, await reasons_after(settings, municipality, before))
