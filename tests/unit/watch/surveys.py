"""Surveys made by hand, for tests of what is made of them."""

from dataclasses import replace
from datetime import UTC, datetime

from hub.watch.owed import HubRows, LedgerSize, Owed, Told
from hub.watch.readings import Reading
from hub.watch.streams import LIMIT_SECONDS, Stream
from hub.watch.survey import Register, Survey, Watched
from hub.watch.verdict import judge, pace

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CITY = "142158"
STREAM = Stream("welfare", "welfare", "out.welfare.v1", 0, CITY)
QUIET = Reading(NOW.timestamp(), topic_visible=True, members=1, committed=40, earliest=0, latest=40)
OWED = Owed(CITY, "welfare", "decided", "changed", 2, 3.0, 600.0)
TOLD = Told(CITY, "welfare", 1, 40, 40, 40, NOW, 40, 0, 0)
LEDGER = LedgerSize(CITY, 120, 41, 118, 118, 0)


def reading(seconds: float = 0.0, **figures: object) -> Reading:
    """A reading `seconds` after the quiet one, other in these figures."""
    return replace(QUIET, moment=QUIET.moment + seconds, **figures)  # type: ignore[arg-type]


def survey(
    *window: Reading,
    owed: tuple[Owed, ...] = (OWED,),
    register: tuple[int, int] = (40, 0),
    ledger: LedgerSize = LEDGER,
) -> Survey:
    """One stream as its readings say, a register at a position with an outbox of so many, and the hub's rows."""
    seen = window or (QUIET,)
    watched = Watched(STREAM, seen[-1], judge(seen, LIMIT_SECONDS), pace(seen))
    return Survey(NOW, (Register(CITY, *register),), (watched,), HubRows(owed, (TOLD,), (ledger,)))
