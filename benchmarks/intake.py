"""How long a city's file takes to be taken in, and how much memory: ``python -m benchmarks.intake --residents 140000``.

A synthetic city is written as a register system's file, a fault in every hundredth resident until each has come once,
and `kairan intake` takes it in, in a process of its own, on servers of its own. Prints one JSON document.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from infra.embedded.cluster import EmbeddedCluster
from infra.embedded.supervisor import peak_memory
from infra.runtime.key_ring import create_keys
from infra.runtime.migrations import prepare_databases
from infra.runtime.settings import Settings, environment_of, load_settings
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.synthetic.city import SyntheticCity
from producers.synthetic.register_file import write_register_file
from topics.catalogue import principals
from topics.declared import declared_grants

MEBIBYTE = 1 << 20
FAULTY_EACH = 100
POLL_SECONDS = 0.2


def taken_in(settings: Settings, file: Path) -> dict[str, object]:
    """Seconds, seconds of processor time, peak memory, and what the command says."""
    environment = os.environ | environment_of(settings.model_dump())
    started = time.monotonic()
    command = [sys.executable, "-m", "hub", "intake", str(file), "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        memory, processor = 0, 0.0
        while process.poll() is None:
            memory = max(memory, peak_memory(process.pid))
            processor = max(processor, sum(psutil.Process(process.pid).cpu_times()[:2]))
            time.sleep(POLL_SECONDS)
        told = json.loads(process.stdout.read()) if process.stdout else {}
    return {
        "seconds": round(time.monotonic() - started, 1),
        "processor_seconds": round(processor, 1),
        "peak_mebibytes": round(memory / MEBIBYTE),
        "load_average": psutil.getloadavg(),
        "standing": told["standing"],
    }


def main() -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=140_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kairan-intake-") as directory:
        asked_for = load_settings(state_directory=Path(directory))
        file = Path(directory) / "001o006.csv"
        city = SyntheticCity(1, asked_for.municipalities[0], asked.residents)
        planted = write_register_file(file, city, faulty_each=FAULTY_EACH)
        with EmbeddedCluster(asked_for, principals(declared_grants()), temporary=True) as cluster:
            create_keys(cluster.settings, [])
            asyncio.run(prepare_databases(cluster.settings, (REGISTER_DATABASE, NUMBERS_DATABASE)))
            measured = taken_in(cluster.settings, file)
        told = {
            "residents": asked.residents,
            "mebibytes": round(file.stat().st_size / MEBIBYTE),
            "planted": len(planted),
            **measured,
        }
    json.dump(told, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
