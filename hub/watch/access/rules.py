"""The declared table of rules, in order of worth; thresholds stand in `limits.py`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from hub.watch.access import at_once, unexplained
from hub.watch.access.alert import Alert
from hub.watch.access.growth import growing
from hub.watch.access.memory import Memory
from hub.watch.access.volume import bursts, outputs
from topics.messages.access import LookUp

AtOnce = Callable[[Memory, LookUp], Iterator[Alert]]
Later = Callable[[Memory, datetime], Iterator[Alert]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: on each look-up as it comes, or on what is over by a moment. `source`: who found it worth having."""

    code: str
    title: str
    source: str
    at_once: AtOnce | None = None
    later: Later | None = None


RULES = (
    Rule("R1", "several look-ups a day without a case", "四日市, 印西: acquaintances, no case",
         later=unexplained.without_case),
    Rule("R2", "the same resident again and again without a case", "宮崎: 17 look-ups in 9 months",
         later=unexplained.again_and_again),
    Rule("R3", "many operators on one resident", "横手: 7 members of staff on one patient", later=unexplained.crowds),
    Rule("R4", "own record, household or address", "四日市; Yale and UNC: household and neighbour",
         at_once=at_once.own_circle),
    Rule("R5", "a colleague without a case", "Yale and UNC: co-worker", later=unexplained.colleagues),
    Rule("R6", "a protected resident", "NHS: sealed records and protected addresses", at_once=at_once.protected),
    Rule("R7", "searches that find many", "印西: searches by name only", at_once=at_once.fishing),
    Rule("R8", "outside office hours or on leave", "calendar and list of staff", at_once=at_once.at_odd_hours),
    Rule("R9", "more look-ups in a day than usual", "negative binomial, operator × day", later=bursts),
    Rule("R10", "slow growth", "CUSUM on a logarithmic scale", later=growing),
    Rule("R11", "an account off duty or not on the list", "rights left after a transfer", at_once=at_once.without_duty),
    Rule("R12", "more documents or failed searches than usual", "outliers of output, share of failed searches",
         later=outputs),
)  # fmt: skip


def said_at_once(memory: Memory, lookup: LookUp) -> list[Alert]:
    """What the rules say of a look-up that is remembered."""
    return [alert for rule in RULES if rule.at_once is not None for alert in rule.at_once(memory, lookup)]


def said_later(memory: Memory, now: datetime) -> list[Alert]:
    """What the rules say at `now` of what is over; the same again when asked again."""
    return [alert for rule in RULES if rule.later is not None for alert in rule.later(memory, now)]
