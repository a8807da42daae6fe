"""When a window is over, and what time is told of it. Pure."""

from datetime import datetime, timedelta, timezone

from topics.scope import Timing

_BEGINNING = datetime(2000, 1, 1, tzinfo=timezone(timedelta(hours=9)))
"""Windows begin at midnight in Japan."""


def due_at(moment: datetime, timing: Timing | None, last_due: datetime | None) -> datetime:
    """When a change decided at `moment` is sent on: at the end of the clock's window, never before what waits already
    (`last_due`), so that a clock that is set back, or a window made shorter, overtakes nothing.

    Windows of one length are the same for every recipient: two that were apart would cut each other into finer ones.
    """
    end = moment if timing is None else _floor(moment, timing) + timedelta(minutes=timing.window_minutes)
    return max(end, last_due or end)


def told_time(moment: datetime, timing: Timing | None) -> datetime:
    """The time that a delivery's header tells: under a window no finer than the window."""
    return moment if timing is None else _floor(moment, timing)


def _floor(moment: datetime, timing: Timing) -> datetime:
    window = timedelta(minutes=timing.window_minutes)
    return moment - (moment - _BEGINNING) % window
