"""How many changes a second reach every entitled recipient: ``make bench``, or with other sizes
``python -m benchmarks.path --residents 20000 --changes 20000 --runs 3``."""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from hub.commandline.demo_report import to_json
from hub.commandline.demo_run import Scenario, run_demo
from hub.commandline.output import stoppable
from infra.runtime.settings import load_settings


def measure(residents: int, changes: int, seed: int) -> dict[str, object]:
    """One run on servers of its own, as `kairan demo` reports it."""
    with stoppable(), tempfile.TemporaryDirectory(prefix="kairan-bench-", ignore_cleanup_errors=True) as directory:
        return to_json(run_demo(load_settings(state_directory=Path(directory)), Scenario(residents, changes, seed)))


def main() -> None:
    """Measure and print one JSON document: every run and the median rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=20_000)
    parser.add_argument("--changes", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    runs = [measure(asked.residents, asked.changes, seed) for seed in range(1, asked.runs + 1)]
    rates = [float(str(run["changes_per_second"])) for run in runs]
    json.dump({"changes_per_second": statistics.median(rates), "runs": runs}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
