"""What is wrong with a stream, if anything, and why: judged from its last readings. Pure.

After Burrow's rules, made for topics on which a few records a minute are written: the age of the oldest unread record
counts, not how many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.watch.readings import Reading

STILL_SECONDS = 15.0
"""How long a reader may stand at one record, or fall behind, before it is said: longer than a group's rebalance."""


class State(StrEnum):
    """How a stream is; worst last."""

    OK = "ok"
    BEHIND = "behind"
    STALLED = "stalled"
    STOPPED = "stopped"
    REWOUND = "rewound"
    BLIND = "blind"


class Reason(StrEnum):
    """Why a stream is in its state; words for each are in reasons.yaml."""

    NOTHING_UNREAD = "nothing-unread"
    UNDER_WAY = "under-way"
    OVER_LIMIT = "over-limit"
    FALLING_BEHIND = "falling-behind"
    NO_PROGRESS = "no-progress"
    RETENTION_PASSED = "retention-passed"
    NO_PROCESS = "no-process"
    MOVED_BACK = "moved-back"
    TOPIC_UNSEEN = "topic-unseen"
    GROUP_UNSEEN = "group-unseen"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A stream's state and its reason."""

    state: State
    reason: Reason


@dataclass(frozen=True, slots=True)
class Pace:
    """Records a second, written and read; 0 while there is one reading only."""

    written: float
    read: float


def judge(window: Sequence[Reading], limit_seconds: float) -> Verdict:
    """The verdict on a stream from its readings, oldest first; one is enough for all but progress."""
    now = window[-1]
    if not now.topic_visible:
        return Verdict(State.BLIND, Reason.TOPIC_UNSEEN)
    if now.members is None:
        return Verdict(State.BLIND, Reason.GROUP_UNSEEN)
    if (now.committed or 0) < max(each.committed or 0 for each in window):
        return Verdict(State.REWOUND, Reason.MOVED_BACK)
    if now.members == 0:
        return Verdict(State.STOPPED, Reason.NO_PROCESS)
    if now.lag == 0:
        return Verdict(State.OK, Reason.NOTHING_UNREAD)
    return _with_unread(window, limit_seconds)


def _with_unread(window: Sequence[Reading], limit_seconds: float) -> Verdict:
    now = window[-1]
    if now.lost:
        return Verdict(State.STALLED, Reason.RETENTION_PASSED)
    behind = [each for each in window if each.moment >= _last_rest(window)]
    if behind[0].moment <= now.moment - STILL_SECONDS:
        if behind[0].committed == now.committed:
            return Verdict(State.STALLED, Reason.NO_PROGRESS)
        if now.lag > behind[0].lag:
            return Verdict(State.BEHIND, Reason.FALLING_BEHIND)
    if now.age_seconds > limit_seconds:
        return Verdict(State.BEHIND, Reason.OVER_LIMIT)
    return Verdict(State.OK, Reason.UNDER_WAY)


def _last_rest(window: Sequence[Reading]) -> float:
    """From when on something was unread at every look."""
    rests = [place for place, each in enumerate(window) if each.lag == 0]
    return window[rests[-1] + 1 if rests else 0].moment


def pace(window: Sequence[Reading]) -> Pace:
    """How fast records were written and read over the window."""
    first, last = window[0], window[-1]
    seconds = last.moment - first.moment
    if seconds <= 0:
        return Pace(0.0, 0.0)
    read = max(0, (last.committed or 0) - (first.committed or 0))
    return Pace(max(0, last.latest - first.latest) / seconds, read / seconds)


def drain_seconds(lag: int, of: Pace) -> float | None:
    """How long until everything is read at this pace; 0 when it is, None when at this pace it never is."""
    if lag == 0:
        return 0.0
    return lag / (of.read - of.written) if of.read > of.written else None
