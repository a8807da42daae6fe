"""Each state of a reader, its reason, and its words in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.watch.oldest import NOTHING, Found, written_at
from hub.watch.readings import Reading
from hub.watch.verdict import Pace, Reason, State, drain_seconds, judge, pace
from hub.watch.words import span, told
from tests.unit.watch.surveys import QUIET, reading

LIMIT = 600.0
LONG_AGO = QUIET.moment - 700.0
CASES: list[tuple[list[Reading], State, Reason]] = [
    ([reading()], State.OK, Reason.NOTHING_UNREAD),
    ([reading(latest=42, oldest=QUIET.moment - 5)], State.OK, Reason.UNDER_WAY),
    ([reading(latest=42, oldest=LONG_AGO)], State.BEHIND, Reason.OVER_LIMIT),
    ([reading(latest=50), reading(20, latest=90, committed=45)], State.BEHIND, Reason.FALLING_BEHIND),
    ([reading(latest=50), reading(20, latest=50)], State.STALLED, Reason.NO_PROGRESS),
    ([reading(latest=50), reading(10, latest=50)], State.OK, Reason.UNDER_WAY),
    ([reading(latest=50), reading(10), reading(20, latest=50)], State.OK, Reason.UNDER_WAY),
    ([reading(latest=50), reading(20, latest=50, committed=48)], State.OK, Reason.UNDER_WAY),
    ([reading(earliest=45, latest=60)], State.STALLED, Reason.RETENTION_PASSED),
    ([reading(members=0)], State.STOPPED, Reason.NO_PROCESS),
    ([reading(members=0, committed=None, latest=3)], State.STOPPED, Reason.NO_PROCESS),
    ([reading(committed=40), reading(1, committed=39)], State.REWOUND, Reason.MOVED_BACK),
    ([reading(committed=30), reading(1, committed=20), reading(2, committed=31)], State.OK, Reason.UNDER_WAY),
    ([reading(topic_visible=False)], State.BLIND, Reason.TOPIC_UNSEEN),
    ([reading(members=None)], State.BLIND, Reason.GROUP_UNSEEN),
]


@pytest.mark.parametrize(("window", "state", "reason"), CASES)
def test_a_verdict(window: list[Reading], state: State, reason: Reason) -> None:
    verdict = judge(window, LIMIT)
    assert (verdict.state, verdict.reason) == (state, reason)


def test_every_reason_has_a_case() -> None:
    assert {reason for _, _, reason in CASES} == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_in_both_languages(reason: Reason) -> None:
    seen = reading(latest=1240, oldest=LONG_AGO)
    english, japanese = told(reason, seen, LIMIT, "en"), told(reason, seen, LIMIT, "ja")
    assert english.isascii()
    assert not japanese.isascii()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (119, "119 s"), (600, "10 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_spans_in_the_unit_people_use(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("lag", "at", "seconds"),
    [(0, Pace(5, 0), 0.0), (10, Pace(1, 3), 5.0), (10, Pace(3, 3), None), (10, Pace(0, 0), None)],
)
def test_time_to_drain_is_not_the_age(lag: int, at: Pace, seconds: float | None) -> None:
    assert drain_seconds(lag, at) == seconds


def test_pace_is_records_a_second() -> None:
    window = [reading(), reading(10, committed=60, latest=90)]
    assert pace(window) == Pace(5.0, 2.0)
    assert pace(window[:1]) == Pace(0.0, 0.0)


@given(
    st.lists(st.integers(0, 1_300_000_000), min_size=1, max_size=40).map(sorted), st.data(), st.integers(0, 2_000_000)
)
def test_the_search_finds_when_every_record_was_written(ages: list[int], data: st.DataObject, skew: int) -> None:
    now = 1_800_000_000_000
    times = [now - 1_300_000_000 + age + skew for age in ages]
    offset = data.draw(st.integers(0, len(times) - 1))
    rounds = 0

    def ask(asked: dict[str, int]) -> dict[str, Found]:
        nonlocal rounds
        rounds += 1
        later = next((place for place, time in enumerate(times) if time >= asked["here"]), NOTHING)
        return {"here": (later, times[later])}

    assert written_at(ask, {"here": offset}, now) == {"here": times[offset]}  # type: ignore[arg-type]
    assert rounds <= 45


def test_a_record_that_is_gone_has_no_time() -> None:
    assert written_at(lambda asked: dict.fromkeys(asked, (9, 5)), {"here": 3}, 1_000_000) == {}
