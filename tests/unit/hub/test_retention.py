"""How long until unread deliveries leave their topic, and when that is an alarm."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.watch.retention import ALARM, RETENTION, Unread, expiries

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NOTICE = timedelta(days=4)


@pytest.mark.parametrize(
    ("age", "left", "alarm"),
    [
        (timedelta(hours=1), timedelta(days=13, hours=23), None),
        (timedelta(days=9, hours=23), timedelta(days=4, hours=1), None),
        (timedelta(days=10), timedelta(days=4), ALARM),
        (timedelta(days=15), timedelta(days=-1), ALARM),
    ],
)
def test_whoever_has_no_more_than_the_notice_is_told_of(age: timedelta, left: timedelta, alarm: str | None) -> None:
    (found,) = expiries([Unread("welfare", 1, 7, NOW - age)], NOW, NOTICE)
    assert (found.recipient, found.deliveries, found.left, found.alarm) == ("welfare", 7, left, alarm)


def test_whoever_has_read_everything_has_all_the_time() -> None:
    assert expiries([], NOW, NOTICE) == []
    assert timedelta(days=1) < NOTICE < RETENTION
