"""Whether a recipient that stands still, and a resident who cannot be applied, delay anybody else:
``python -m benchmarks.isolation --minutes 10`` (or ``--minutes 2`` for a short one).

The same steady filings twice: undisturbed, then with one recipient stopped and one resident refused by another's
database. A delay runs from the registration of a change to the moment at which the broker has its recipient's
acknowledgement. Then the stopped one comes back and everything is verified; then the refused one is tried again; and
each resident's deliveries are seen to have been applied in their order.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from consumers.databases import database_of
from consumers.welfare.cases import place
from hub.commandline.deployment import prepare, principal_names, role_names
from hub.commandline.output import quiet_libraries, stoppable, undisturbed
from hub.commandline.parked import with_repair
from hub.commandline.settlement import wait_until_settled
from hub.commandline.verify import run_verify
from hub.databases import HUB_DATABASE
from infra.check.findings import Invariant
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.supervisor import Supervisor
from infra.runtime.databases import Database
from infra.runtime.key_ring import KeyRing
from infra.runtime.postgres import Connection, connect
from infra.runtime.settings import Settings, load_settings
from infra.runtime.tls import client_context
from producers.register.databases import REGISTER_DATABASE
from producers.register.registrar import Registrar
from producers.register.standing import some_residents
from producers.synthetic.city import SyntheticCity
from producers.synthetic.life import live, load_city
from topics.catalogue import HUB, in_topic
from topics.declared import SHIPPED, declared_by_recipient
from topics.envelope.opening import Opener
from topics.envelope.places import inbound_terms
from topics.messages.inbound import Acknowledgement, read_inbound
from topics.partitions import partition_of

STOPPED, OTHER = "prefecture", "welfare"
AT_ONCE = (STOPPED, OTHER)
POISON = "poison"
APPLIED = "applied"
_DECIDED = "SELECT number, addressee_number, history_number FROM delivery WHERE recipient = $1 AND history_number > 0"
_REGISTERED = "SELECT addressee_number, history_number, registered_at FROM history WHERE registered_at >= $1"
_BUSIEST = "SELECT subject FROM person ORDER BY sequence DESC, subject LIMIT 1"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time, from `began` until `ended`."""

    began: datetime
    ended: datetime


@dataclass(slots=True)
class Bench:
    """A deployment of two recipients that are told at once, and the city that is lived in."""

    settings: Settings
    supervisor: Supervisor
    city: SyntheticCity
    rate: float

    @property
    def municipality(self) -> str:
        """The one municipality."""
        return self.settings.municipalities[0]

    async def load(self) -> None:
        """The city, with everybody on the list of the recipient that has one."""
        async with Registrar.open(self.settings, self.municipality) as registrar:
            await load_city(registrar, self.city)
        everybody = await some_residents(self.settings, self.municipality, 9_999)
        await place(self.settings, self.municipality, everybody)
        await self.settle()

    async def live(self, minutes: float) -> Phase:
        """Steady filings for so long."""
        began, clock = datetime.now(UTC), time.monotonic()
        async with Registrar.open(self.settings, self.municipality) as registrar:
            made = 0
            while (passed := time.monotonic() - clock) < 60 * minutes:
                due = int(passed * self.rate) - made
                made += await live(registrar, self.city, due) if due > 0 else 0
                await asyncio.sleep(0.1)
        return Phase(began, datetime.now(UTC))

    async def settle(self) -> None:
        """Wait until everything has arrived."""
        await wait_until_settled(self.settings, self.supervisor.refuse_dead)

    async def refuse_one(self) -> None:
        """From now on the other recipient's database refuses its busiest resident."""
        async with self.owned(database_of(declared_by_recipient(self.settings.grants_directory)[OTHER])) as connection:
            subject = await connection.fetchval(_BUSIEST)
            check = f"CHECK (subject <> '{subject}') NOT VALID"
            await connection.execute(f"ALTER TABLE person ADD CONSTRAINT {POISON} {check}")

    async def refuse_nobody(self) -> None:
        """The other recipient is repaired."""
        async with self.owned(database_of(declared_by_recipient(self.settings.grants_directory)[OTHER])) as connection:
            await connection.execute(f"ALTER TABLE person DROP CONSTRAINT {POISON}")

    @asynccontextmanager
    async def owned(self, database: Database) -> AsyncIterator[Connection]:
        """A database as its owner sees it."""
        name = database.name(self.settings.environment, self.municipality)
        connection = await connect(self.settings, name, role="admin", principal="admin")
        try:
            yield connection
        finally:
            await connection.close()

    async def delays(self, recipient: str, phase: Phase) -> list[float]:
        """Seconds from registration to acknowledgement, of every change registered in the phase and applied but
        for those that waited with the one who was refused."""
        async with self.owned(REGISTER_DATABASE) as register, self.owned(HUB_DATABASE) as hub:
            rows = await register.fetch(_REGISTERED, phase.began)
            decided = await hub.fetch(_DECIDED, recipient)
        registered = {(row["addressee_number"], row["history_number"]): row["registered_at"] for row in rows}
        applied = await self._applied(recipient)
        found = []
        for row in decided:
            moment = registered.get((row["addressee_number"], row["history_number"]))
            if moment is not None and moment <= phase.ended and row["number"] in applied:
                found.append(applied[row["number"]] - moment.timestamp())
        return found

    async def out_of_order(self, recipient: str) -> int:
        """How many deliveries it applied after a later one of the same resident."""
        async with self.owned(HUB_DATABASE) as hub:
            residents = {row["number"]: row["addressee_number"] for row in await hub.fetch(_DECIDED, recipient)}
        latest: dict[str, int] = {}
        seen: set[int] = set()
        late = 0
        for message, _ in await self._acknowledgements(recipient):
            told = range(message.first, message.last + 1) if message.outcome == APPLIED else ()
            for number in (number for number in told if number in residents and number not in seen):
                seen.add(number)
                late += number < latest.get(residents[number], 0)
                latest[residents[number]] = max(number, latest.get(residents[number], 0))
        return late

    async def _applied(self, recipient: str) -> dict[int, float]:
        """When the broker had the acknowledgement of what was applied at once (POSIX seconds), by delivery number."""
        moments: dict[int, float] = {}
        waited: set[int] = set()
        for message, moment in await self._acknowledgements(recipient):
            numbers = range(message.first, message.last + 1)
            if message.outcome != APPLIED:
                waited.update(numbers)
            moments |= {number: moment for number in numbers if number not in moments}
        return {number: moment for number, moment in moments.items() if number not in waited}

    async def _acknowledgements(self, recipient: str) -> list[tuple[Acknowledgement, float]]:
        """All of a recipient's, as it sent them, with the moments at which the broker had them."""
        terms, ring = inbound_terms(self.settings.environment, recipient, self.municipality), KeyRing(self.settings)
        opener = Opener(terms, ring.register, ring.private)
        records = await self._records(in_topic(self.settings.environment, recipient))
        told = [(read_inbound(opener.open(one.value, one.key).payload), one.timestamp / 1000) for one in records]
        return [(message, moment) for message, moment in told if isinstance(message, Acknowledgement)]

    async def _records(self, topic: str) -> list[ConsumerRecord]:
        at = TopicPartition(topic, partition_of(self.municipality))
        context = client_context(self.settings, HUB)
        bootstrap = self.settings.kafka_bootstrap
        async with AIOKafkaConsumer(
            bootstrap_servers=bootstrap, security_protocol="SSL", ssl_context=context, auto_offset_reset="earliest"
        ) as reader:
            reader.assign([at])
            end, found = (await reader.end_offsets([at]))[at], []
            await reader.seek_to_beginning(at)
            while await reader.position(at) < end:
                found += (await reader.getmany(at, timeout_ms=500)).get(at, [])
        return found


async def measure(bench: Bench, minutes: float) -> dict[str, object]:
    """Both phases, the return, and what the verifier says then and after a repair."""
    await bench.load()
    undisturbed_phase = await bench.live(minutes)
    await bench.settle()
    (stopped,) = (role for role in bench.supervisor.roles if role.name == STOPPED)
    bench.supervisor.kill(stopped)
    await bench.refuse_one()
    disturbed_phase = await bench.live(minutes)
    back = time.monotonic()
    bench.supervisor.start_one(STOPPED)
    await bench.settle()
    caught_up = time.monotonic() - back
    waiting = (await asyncio.to_thread(run_verify, bench.settings)).findings
    parked = await with_repair(bench.settings, OTHER, "", lambda repair: repair.look())
    await bench.refuse_nobody()
    await with_repair(bench.settings, OTHER, "", lambda repair: repair.retry(), keep=True)
    await bench.settle()
    return {
        "undisturbed": told(await bench.delays(OTHER, undisturbed_phase)),
        "disturbed": told(await bench.delays(OTHER, disturbed_phase)),
        "stopped_caught_up_seconds": round(caught_up, 1),
        "parked": len(parked),
        "kept_back": sum(len(one.behind) for one in parked),
        "amiss_but_for_the_parked": sum(finding.invariant is not Invariant.PARKED for finding in waiting),
        "out_of_order": {recipient: await bench.out_of_order(recipient) for recipient in AT_ONCE},
        "verify_ok_after_repair": (await asyncio.to_thread(run_verify, bench.settings)).ok,
        "peak_memory_mib": {name: size >> 20 for name, size in bench.supervisor.peak_memory().items()},
    }


def told(delays: Sequence[float]) -> dict[str, float]:
    """Delays in numbers, in seconds."""
    cuts = statistics.quantiles(delays, n=100)
    return {
        "deliveries": len(delays), "p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "most": round(max(delays), 3)
    }  # fmt: skip


def run(directory: Path, minutes: float, residents: int, rate: float) -> dict[str, object]:
    """On servers of its own."""
    grants = directory / "grants"
    grants.mkdir()
    for recipient in AT_ONCE:
        shutil.copy(SHIPPED / f"{recipient}.yaml", grants)
    settings = load_settings(state_directory=directory, grants_directory=grants)
    with EmbeddedCluster(settings, principal_names(settings), temporary=True) as cluster:
        supervisor = Supervisor(cluster.settings)
        try:
            asyncio.run(prepare(cluster.settings))
            supervisor.start(role_names(cluster.settings))
            city = SyntheticCity(1, cluster.settings.municipalities[0], residents)
            return asyncio.run(measure(Bench(cluster.settings, supervisor, city, rate), minutes))
        finally:
            undisturbed()
            supervisor.stop()


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="of each of the two phases")
    parser.add_argument("--residents", type=int, default=600)
    parser.add_argument("--rate", type=float, default=10.0, help="changes a second")
    asked = parser.parse_args()
    quiet_libraries()
    with stoppable(), tempfile.TemporaryDirectory(prefix="kairan-isolation-", ignore_cleanup_errors=True) as directory:
        figures = run(Path(directory), asked.minutes, asked.residents, asked.rate)
    json.dump({"minutes": asked.minutes, "changes_per_second": asked.rate, **figures}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
