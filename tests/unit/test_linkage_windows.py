"""The attack on a simulated year: the hub's order leaves chance alone, and the attack is one where it is left out."""

from random import Random
from typing import Any

import pytest

from benchmarks.linkage.attack import Sight, attack
from benchmarks.linkage.windows import Row, joined_over, measured
from benchmarks.linkage.year import Event, lived

EVENTS = lived(20_000, 5_000, 1, Random(3))  # noqa: S311 - the same year each time


@pytest.fixture(scope="module")
def hours() -> Row:
    return measured(EVENTS, 240, Random(4))  # noqa: S311


def test_within_windows_the_best_attack_is_chance(hours: Row) -> None:
    assert hours.windows > 500
    assert hours.joined <= 1.5 * hours.chance


def test_without_shuffling_everybody_is_joined(hours: Row) -> None:
    assert hours.joined_in_order == 1.0


def test_how_often_a_person_appears_would_join(hours: Row) -> None:
    assert hours.joined_by_counts > hours.joined + 0.2 * hours.chance


def test_longer_windows_hide_better() -> None:
    rows = [measured(EVENTS, minutes, Random(4)) for minutes in (60, 240, 1440)]  # noqa: S311
    assert rows[0].chance > 2 * rows[1].chance > 4 * rows[2].chance


def test_repeated_appearances_join_whoever_they_single_out() -> None:
    first, second = EVENTS[0].moment, EVENTS[-1].moment
    once, both = [Event(first, 1), Event(first, 2)], [Event(second, 1)]
    assert joined_over(once, 60) == (2, 0.5)
    assert joined_over([*once, *both], 60) == (2, 1.0)


@pytest.mark.parametrize("trait", ["size", "told_time", "milliseconds", "number", "link"])
def test_whatever_is_common_to_a_persons_records_is_used(trait: str) -> None:
    """Two streams in unrelated orders that agree in one trait: the attack joins by it."""
    mine = [_sight(f"a{person}", place, trait, person) for place, person in enumerate((0, 1, 2, 3, 4, 5))]
    theirs = [_sight(f"b{person}", place, trait, person) for place, person in enumerate((4, 2, 0, 5, 1, 3))]
    assert attack([(mine, theirs)], {f"a{n}": f"b{n}" for n in range(6)}).best[1] == 1.0


def _sight(name: str, place: int, trait: str, person: int) -> Sight:
    plain: dict[str, Any] = {"link": "", "milliseconds": 0, "told_time": "", "number": 0, "size": 0}
    common = f"{person}" if isinstance(plain[trait], str) else 64 + person
    shuffled = name.translate(str.maketrans("b012345", "b350142")) if name.startswith("b") else name
    told = plain | {trait: common}
    return Sight(
        person=name,
        link=told["link"],
        offset=place,
        milliseconds=told["milliseconds"],
        told_time=told["told_time"],
        number=told["number"],
        size=told["size"],
        sealed=shuffled.encode(),
    )
