"""The synthetic counters are the same for one seed, and the score counts what it says it counts."""

from uuid import UUID

import pytest

from hub.watch.access.alert import Alert, Window
from hub.watch.access.scoring import Share, raised, score
from producers.synthetic.operators.year import Year, year_of
from tests.unit.access.entries import MONDAY
from topics.messages.access import Handling, LookUp

DAYS = 40
DAY = MONDAY.date()


@pytest.fixture(scope="module")
def year() -> Year:
    """Some weeks of the synthetic counters."""
    return year_of(11, DAYS)


def test_one_seed_is_one_year(year: Year) -> None:
    assert year_of(11, 5).entries == year_of(11, 5).entries
    assert year_of(11, 5).entries != year_of(12, 5).entries
    assert {name.partition("-")[0] for name in year.planted.values()} == {f"R{n}" for n in range(1, 13)}


def test_ordinary_days_are_related_to_filings_and_scatter_more_than_poisson() -> None:
    log = year_of(11, DAYS, misuse=False)
    assert log.planted == {}
    lookups = [entry for entry in log.entries if isinstance(entry, LookUp)]
    filings = [entry for entry in log.entries if isinstance(entry, Handling)]
    assert 0.6 < len(filings) / len(lookups) < 0.85
    daily: dict[object, int] = {}
    for one in lookups:
        if one.operator == "counter-1":
            daily[one.at.date()] = daily.get(one.at.date(), 0) + 1
    mean = sum(daily.values()) / len(daily)
    assert sum((n - mean) ** 2 for n in daily.values()) / len(daily) > 1.3 * mean


def test_planted_misuse_is_found_and_ordinary_days_are_quiet(year: Year) -> None:
    scored = {one.rule: one for one in score(raised(year.entries), year.planted, DAYS)}
    for rule in ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R11"):
        assert scored[rule].recall.value == 1.0, rule
    assert scored["R9"].false_a_day < 0.2
    assert scored["R1"].false_a_day < 1.0


def test_the_score_counts_alerts_and_incidents() -> None:
    planted = {UUID(int=1): "R1-1", UUID(int=2): "R1-2", UUID(int=3): "R2-1"}
    alerts = [
        Alert("R1", "a1", Window(DAY, DAY), (UUID(int=1),)),
        Alert("R1", "a2", Window(DAY, DAY), (UUID(int=9),)),
        Alert("R4", "a1", Window(DAY, DAY), (UUID(int=3), UUID(int=9))),
    ]
    first, second, *_ = score(alerts, planted, 10)
    assert (first.precision, first.recall, first.false_a_day) == (Share(1, 2), Share(1, 2), 0.1)
    assert (second.recall, second.caught, second.precision.value) == (Share(0, 1), Share(1, 1), None)
    assert first.to_json()["rule"] == "R1"


def test_wilsons_interval() -> None:
    low, high = Share(9, 10).interval or (0.0, 0.0)
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)
    assert Share(0, 0).told() == "-"
