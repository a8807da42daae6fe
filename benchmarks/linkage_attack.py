"""How far two colluding institutions come, by window length: ``python -m benchmarks.linkage_attack``.

A synthetic city of 140,000 with 34,000 changes of persons a year, whom both institutions follow in full.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from random import Random

from benchmarks.linkage.windows import Row, joined_over, measured, within
from benchmarks.linkage.year import lived

LENGTHS = (1, 5, 15, 30, 60, 240, 1440)
APRIL = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
YEARS = (1, 5, 10)
GRANTED = 60


def report(residents: int, changes: int, seed: int) -> dict[str, object]:
    """All figures."""
    random = Random(seed)  # noqa: S311 - the same seed makes the same year
    events = lived(residents, changes, max(YEARS), random)
    first_year = [event for event in events if event.moment < datetime(2026, 10, 1, tzinfo=UTC)]
    april = within(events, *APRIL)
    return {
        "year": [asdict(measured(first_year, minutes, random)) for minutes in LENGTHS],
        "april": [asdict(measured(april, minutes, random)) for minutes in LENGTHS],
        "many_windows": [_over(years, *joined_over(events[: changes * years], GRANTED)) for years in YEARS],
        "synthetic": True,
    }


def _over(years: int, persons: int, joined: float) -> dict[str, float]:
    return {"years": years, "persons": persons, "joined": joined}


def table(rows: Sequence[dict[str, object]]) -> str:
    """The rows in Markdown."""
    head = "| window, minutes | windows | k, median | k < 5 | at random (1/k) | attack | not merged | not shuffled |"
    lines = [_line(Row(**row)) for row in rows]  # type: ignore[arg-type]
    return "\n".join([head, "|---:|---:|---:|---:|---:|---:|---:|---:|", *lines])


def _line(row: Row) -> str:
    shares = f"{row.among_few:.1%} | {row.chance:.2%} | {row.joined:.2%} | {row.joined_by_counts:.2%}"
    told = f"{row.minutes} | {row.windows} | {row.median_persons:.0f} | {shares} | {row.joined_in_order:.0%}"
    return f"| {told} |"


def main() -> None:
    """Measure and print; JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=140_000)
    parser.add_argument("--changes", type=int, default=34_000, help="changes of persons a year")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = report(asked.residents, asked.changes, asked.seed)
    if asked.json:
        json.dump(found, sys.stdout, indent=2)
        return
    for span in ("year", "april"):
        sys.stdout.write(f"\n{span}\n\n{table(found[span])}\n")  # type: ignore[arg-type]
    for over in found["many_windows"]:  # type: ignore[attr-defined]
        told = f"{over['persons']:.0f} persons changed, {over['joined']:.0%} joined by their windows alone"
        sys.stdout.write(f"\n{GRANTED}-minute windows of {over['years']} years: {told}\n")


if __name__ == "__main__":
    main()
