"""What sealing and the ledger cost together: the whole path before them and with them, in turn on one machine,
``python -m benchmarks.walls --runs 3``. Needs git and the repository's history: what came later costs too.

With the recipients that are told at once, so that the same work is timed: a recipient with a window waits by design.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BEFORE = "83b6c34"
"""The last revision whose records lay open on the broker and in no ledger."""
AFTER = "ea5ba06"
"""The first revision with both."""
ROOT = Path(__file__).parents[1]
AT_ONCE = ("prefecture", "welfare")


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """The revision's tree, in a place of its own for as long as the block."""
    with tempfile.TemporaryDirectory(prefix="kairan-walls-") as directory:
        tree = Path(directory) / "tree"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree, revision], cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def rate(tree: Path, residents: int, changes: int, seed: int) -> float:
    """Changes a second by the demo of the tree, from the year's first filing to the last acknowledgement."""
    with tempfile.NamedTemporaryFile(suffix=".json") as result, tempfile.TemporaryDirectory() as grants:
        for recipient in AT_ONCE:
            shutil.copy(tree / f"topics/grants/{recipient}.yaml", grants)
        sizes = ["--residents", str(residents), "--changes", str(changes), "--seed", str(seed)]
        command = [sys.executable, "-m", "hub", "demo", *sizes, "--json", result.name]
        environment = {**os.environ, "PYTHONPATH": str(tree), "KAIRAN_GRANTS_DIRECTORY": grants}
        # The older demo also tries a recipient that is not here, and ends with 1 for that alone.
        subprocess.run(command, cwd=tree, env=environment, check=False, capture_output=True)
        told = json.loads(Path(result.name).read_text(encoding="utf-8"))
    if not told["verify"]["ok"]:
        raise SystemExit(f"{tree}: the verifier has findings; there is nothing to time")
    return float(told["changes_per_second"])


def main() -> None:
    """Measure in turn and print one JSON document: both rates of every run, and the median of their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=20_000)
    parser.add_argument("--changes", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--before", default=BEFORE)
    parser.add_argument("--after", default=AFTER)
    asked = parser.parse_args()
    runs = []
    with checked_out(asked.before) as plain, checked_out(asked.after) as walled:
        for seed in range(1, asked.runs + 1):
            without, with_both = (rate(tree, asked.residents, asked.changes, seed) for tree in (plain, walled))
            runs.append(
                {"without": without, "with": with_both, "cost_percent": round(100 - 100 * with_both / without, 1)}
            )
    cost = statistics.median(run["cost_percent"] for run in runs)
    json.dump({"cost_percent": cost, "runs": runs}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
