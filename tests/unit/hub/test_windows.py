"""Windows: when they end, in what order their rows go, and what waits instead of being told."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.router.routing import Routing
from hub.router.state import Image, Occasion
from hub.windows.due import due_at, told_time
from hub.windows.order import interleaving, newest
from topics.declared import declared_by_recipient
from topics.scope import Timing

HOUR = Timing(window_minutes=60, limit_minutes=120)
DAY = Timing(window_minutes=1440, limit_minutes=1440)
MOMENT = datetime(2026, 5, 11, 10, 20, 30, tzinfo=UTC)
INTERMEDIATE = declared_by_recipient()["intermediate"]


@pytest.mark.parametrize(
    ("timing", "last_due", "expected"),
    [
        (HOUR, None, datetime(2026, 5, 11, 11, tzinfo=UTC)),
        (DAY, None, datetime(2026, 5, 11, 15, tzinfo=UTC)),
        (None, None, MOMENT),
        (HOUR, MOMENT - timedelta(hours=1), datetime(2026, 5, 11, 11, tzinfo=UTC)),
        (HOUR, MOMENT + timedelta(hours=9), MOMENT + timedelta(hours=9)),
        (None, MOMENT + timedelta(hours=9), MOMENT + timedelta(hours=9)),
    ],
    ids=["hour", "japanese day", "real time", "later than before", "a clock set back", "no window any more"],
)
def test_a_change_is_due_at_the_end_of_its_window(
    timing: Timing | None, last_due: datetime | None, expected: datetime
) -> None:
    assert due_at(MOMENT, timing, last_due) == expected


def test_who_decides_at_the_end_of_a_window_waits_for_the_next() -> None:
    end = due_at(MOMENT, HOUR, None)
    assert due_at(end, HOUR, None) == end + timedelta(hours=1)


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2001, 1, 1), max_value=datetime(2099, 1, 1)))  # noqa: DTZ001
def test_the_time_told_is_the_windows_and_no_finer(moment: datetime) -> None:
    told = told_time(moment, HOUR)
    assert told <= moment < told + timedelta(hours=1)
    assert (told.minute, told.second, told.microsecond) == (0, 0, 0)
    assert told_time(moment, None) == moment


@given(st.lists(st.sampled_from("abcde")), st.integers())
def test_everything_is_sent_once_and_each_residents_in_order(residents: list[str], seed: int) -> None:
    order = interleaving(residents, Random(seed))  # noqa: S311
    assert sorted(order) == list(range(len(residents)))
    for resident in set(residents):
        of_resident = [index for index in order if residents[index] == resident]
        assert of_resident == sorted(of_resident)


@given(st.lists(st.sampled_from("abcde")))
def test_a_persons_last_change_tells_for_those_before_it(residents: list[str]) -> None:
    kept = newest(residents)
    assert kept == sorted(kept)
    assert {residents[index]: index for index in kept} == {who: n for n, who in enumerate(residents)}
    assert len(kept) == len(set(residents))


@pytest.mark.parametrize("residents", ["abcd", "aabc", "aabb"])
def test_every_order_is_equally_likely(residents: str) -> None:
    random, draws = Random(20260511), 24_000  # noqa: S311
    found = Counter(tuple(residents[n] for n in interleaving(residents, random)) for _ in range(draws))
    possible = set(permutations(residents))
    assert set(found) == possible
    expected = draws / len(possible)
    chi_square = sum((found[order] - expected) ** 2 / expected for order in possible)
    assert chi_square < 2.2 * len(possible) + 10


def test_what_concerns_a_windowed_recipient_waits_and_nothing_is_decided_of_it() -> None:
    routing = _routing(windows={"intermediate": MOMENT})
    image = Image("1000000018", 1, "active", {"sex": "1"})
    routing.route_group(INTERMEDIATE, [(image, Occasion("created"))])
    routing.enter(INTERMEDIATE, image)
    routing.leave(INTERMEDIATE, "1000000018")
    assert [aside.occasion.kind for aside in routing.aside] == ["created", "snapshot", "tombstone"]
    assert not routing.routed and not routing.touched and routing.last_numbers == {"intermediate": 0}


def test_what_has_waited_is_routed_as_it_would_have_been() -> None:
    waiting, routing = _routing(windows={"intermediate": MOMENT}), _routing(windows={})
    image = Image("1000000018", 1, "active", {"sex": "1"})
    waiting.route_group(INTERMEDIATE, [(image, Occasion("created"))])
    waiting.leave(INTERMEDIATE, "1000000018")
    for aside in waiting.aside:
        routing.route(aside.grant, aside.image, aside.occasion)
    assert [routed.delivery.kind for routed in routing.routed] == ["created", "tombstone"]


def _routing(windows: dict[str, datetime]) -> Routing:
    return Routing("142158", b"k" * 32, lambda _grant, who: who, {"intermediate": 0}, {"intermediate": 1},
                   windows=windows)  # fmt: skip
