"""``kairan simulate faults``: the hub and its recipients through seeded faults, checked at every step."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from hub.commandline.output import FAILED, AsJson, console, print_json, refusals, stoppable

if TYPE_CHECKING:
    from hub.commandline.faults.run import Story


def faults_command(
    seeds: Annotated[int, typer.Option(min=1, help="how many small worlds to run")] = 2000,
    first: Annotated[int, typer.Option("--from", min=0, help="the first seed; the same seed is the same world")] = 0,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Run small worlds on a log and a store in memory through crashes, cuts, doubles and zombies.
    Example: kairan simulate faults --seeds 2000"""
    from hub.commandline.faults.run import run_seeds

    began = time.monotonic()
    with refusals(), stoppable():
        stories = run_seeds(first, seeds)
    if as_json:
        _print_json(seeds, stories)
    else:
        _show(seeds, stories, time.monotonic() - began)
    if stories:
        raise typer.Exit(FAILED)


def _print_json(seeds: int, stories: "list[Story]") -> None:
    from dataclasses import asdict

    told: dict[str, object] = {"seeds": seeds, "violations": len(stories)}
    print_json({**told, "stories": [asdict(story) for story in stories]} if stories else told)


def _show(seeds: int, stories: "list[Story]", seconds: float) -> None:
    for story in stories:
        console.print(f"seed {story.seed}: {story.rule}", style="red", markup=False)
        for line in (story.detail, story.plan, *story.steps):
            console.print(f"  {line}", markup=False)
    outcome = f"{len(stories)} violations" if stories else "no violation"
    console.print(f"{seeds} seeds in {seconds:.0f} s: {outcome}", style="red" if stories else "green")
