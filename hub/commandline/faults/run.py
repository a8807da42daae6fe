"""Seeds, as many as are asked for, on all processors: the story of each that failed."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from os import cpu_count

import structlog

from hub.commandline.faults.life import Life
from hub.commandline.faults.machine import Machine, machine, machine_of
from hub.commandline.faults.plan import Plan, plan_of
from hub.commandline.faults.violation import ViolationError
from hub.commandline.faults.world import World
from infra.runtime.settings import Settings

CHUNK = 25
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Story:
    """A seed that failed: what does not hold, the least plan with which it does not, and how that came about."""

    seed: int
    rule: str
    detail: str
    plan: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A plan that failed, with what does not hold, and the last steps before that."""

    violation: ViolationError
    plan: Plan
    steps: tuple[str, ...]


def run_seeds(first: int, count: int, told: Callable[[int], None] = lambda _done: None) -> list[Story]:
    """The stories of those of `count` seeds from `first` on that failed; `told` hears how many are done."""
    spans = [(start, min(start + CHUNK, first + count)) for start in range(first, first + count, CHUNK)]
    stories: list[Story] = []
    with machine() as here, ProcessPoolExecutor(min(cpu_count() or 1, len(spans))) as workers:
        for span, found in zip(spans, workers.map(partial(_run_span, here.settings), spans), strict=True):
            stories += found
            told(span[1] - first)
    return stories


def run_one(here: Machine, seed: int) -> Story | None:
    """The story of one seed, in this process, if it fails."""
    failure = failure_of(here, plan_of(seed))
    if failure is None:
        return None
    least = _least(here, failure)
    return Story(seed, least.violation.rule, least.violation.detail, least.plan.told(), least.steps)


def _run_span(settings: Settings, span: Span) -> list[Story]:
    with silence():
        found = [run_one(_machine(settings), seed) for seed in range(*span)]
    return [story for story in found if story is not None]


@cache
def _machine(settings: Settings) -> Machine:
    """One for each worker process."""
    return machine_of(settings)


def failure_of(here: Machine, plan: Plan) -> Failure | None:
    """What does not hold in the plan's world, or None."""
    world = World(here, plan)
    try:
        Life(world).live()
    except ViolationError as violation:
        return Failure(violation, plan, tuple(world.scheduler.story))
    return None


def _least(here: Machine, failure: Failure) -> Failure:
    """The failure with as few faults and filings as it takes: whatever can be left out is."""
    smaller = True
    while smaller:
        smaller = False
        for plan in failure.plan.smaller():
            found = failure_of(here, plan)
            if found is not None and found.violation.rule == failure.violation.rule:
                failure, smaller = found, True
                break
    return failure


@contextmanager
def silence() -> Iterator[None]:
    """Nothing is logged: processes that are being killed have much to say, and nothing that matters."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
