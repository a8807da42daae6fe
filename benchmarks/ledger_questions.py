"""How fast the ledger of a year answers: ``python -m benchmarks.ledger_questions --entries 1000000``.

A city's ledger is filled with made-up entries about 140,000 persons, signed and witnessed by the real processes; then
``kairan ledger who`` is asked as a process of its own, and its proof checked by the stand-alone verifier.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hub.commandline.deployment import prepare, principal_names
from hub.databases import HUB_DATABASE
from hub.ledger.writing import COLUMNS, Ledger
from hub.store import SQL
from infra.check import offline
from infra.check.ledger import replay_city
from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.supervisor import Supervisor
from infra.runtime.postgres import connect
from infra.runtime.settings import Settings, environment_of, load_settings
from producers.register.serials import numbered
from topics.ledger.entry import EntryKind
from topics.ledger.note import origin_of

PERSONS = 140_000
AT_ONCE = 20_000
ASKED = 5
POLL_SECONDS = 0.5
WITNESSED = "SELECT EXISTS (SELECT FROM ledger_checkpoint JOIN head ON size = ledger_size WHERE witnessed)"
BODY = {
    "recipient": "prefecture", "generation": 1, "file": "identity", "items": [*range(1, 23), 27, 29, 32, 34, 35, 36],
    "fields": [], "basis": ["juki-act-30-6"], "grant": "0" * 64, "digest": "1" * 64,
}  # fmt: skip


async def fill(settings: Settings, entries: int) -> list[str]:
    """Enter so many disclosures; returns the persons."""
    municipality = settings.municipalities[0]
    persons = numbered(range(100_000_000, 100_000_000 + PERSONS))
    chance, origin = random.Random(1), origin_of(settings.environment, municipality)  # noqa: S311 - which person, no secret
    name = HUB_DATABASE.name(settings.environment, municipality)
    connection = await connect(settings, name, role="admin", principal="admin")
    for first in range(0, entries, AT_ONCE):
        head = await connection.fetchval("SELECT ledger_time FROM head")
        ledger = Ledger.at(origin, first, head)
        for number in range(first, min(first + AT_ONCE, entries)):
            ledger.enter(EntryKind.DISCLOSE, {**BODY, "number": number + 1}, chance.choice(persons))
        await connection.copy_records_to_table("ledger_entry", records=ledger.rows, columns=COLUMNS)
        await connection.execute(SQL["advance_ledger"], first + len(ledger.rows), ledger.time)
    await connection.execute("ANALYZE ledger_entry")
    await connection.close()
    return persons


async def is_witnessed(settings: Settings) -> bool:
    """Whether signer and witness have seen everything."""
    name = HUB_DATABASE.name(settings.environment, settings.municipalities[0])
    connection = await connect(settings, name, role="admin", principal="admin")
    try:
        return bool(await connection.fetchval(WITNESSED))
    finally:
        await connection.close()


def ask(settings: Settings, person: str, proof: Path) -> float:
    """Seconds that the command takes, from its start to its end."""
    asked = [
        "who",
        "--resident",
        person,
        "--by",
        "auditor-1",
        "--purpose",
        "benchmark",
        "--output",
        str(proof),
        "--json",
    ]
    environment = {**os.environ, **environment_of(settings.model_dump())}
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "hub", "ledger", *asked], env=environment, check=True, capture_output=True)
    return time.perf_counter() - began


def checked(settings: Settings, proof: Path) -> bool:
    """Whether the stand-alone verifier accepts the proof."""
    environment = {**os.environ, **environment_of(settings.model_dump())}
    vkeys = [sys.executable, "-m", "hub", "ledger", "vkeys", "--json"]
    keys = json.loads(subprocess.run(vkeys, env=environment, check=True, capture_output=True).stdout)
    told = [part for key in keys for part in ("--witness" if key.startswith("kairan/witness") else "--key", key)]
    command = [sys.executable, "-I", str(offline.__file__), "inclusion", str(proof), *told]
    return subprocess.run(command, capture_output=True, check=False).returncode == offline.GOOD


def measure(settings: Settings, entries: int, directory: Path) -> dict[str, object]:
    """Fill, sign, ask, check, replay."""
    asyncio.run(prepare(settings))
    persons = asyncio.run(fill(settings, entries))
    supervisor = Supervisor(settings)
    try:
        began = time.perf_counter()
        supervisor.start(["witness", "checkpoints"])
        while not asyncio.run(is_witnessed(settings)):
            time.sleep(POLL_SECONDS)
        signed = time.perf_counter() - began
        proofs = [directory / f"proof-{number}.json" for number in range(ASKED)]
        seconds = [ask(settings, person, proof) for person, proof in zip(persons[1000:], proofs, strict=False)]
        accepted = sum(checked(settings, proof) for proof in proofs)
        began = time.perf_counter()
        replayed = asyncio.run(replay_city(settings, settings.municipalities[0]))
        return {
            "entries": replayed.entries,
            "first_checkpoint_seconds": round(signed, 2),
            "who_seconds": round(statistics.median(seconds), 3),
            "who_seconds_longest": round(max(seconds), 3),
            "proofs_accepted_offline": f"{accepted} of {ASKED}",
            "replay_from_database_seconds": round(time.perf_counter() - began, 2),
            "findings": list(replayed.findings),
        }
    finally:
        supervisor.stop()


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kairan-bench-", ignore_cleanup_errors=True) as name:
        settings = load_settings(state_directory=Path(name) / "state")
        with EmbeddedCluster(settings, principal_names(settings), temporary=True) as cluster:
            json.dump(measure(cluster.settings, asked.entries, Path(name)), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
