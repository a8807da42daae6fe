"""Each rule says what it is for, and nothing a hair short of it."""

from datetime import timedelta

import pytest

from hub.watch.access.limits import LIMITS
from hub.watch.access.rules import RULES
from tests.unit.access.entries import DAY, HOUR, MONDAY, handled, looked, resident, rules_said, said, up_to
from topics.messages.access import Entry, Question, Standing, Subject, Tie

LATER = MONDAY + 3 * DAY
SUNDAY = MONDAY - DAY
NIGHT = MONDAY.replace(hour=21)


def about(name: str, **facts: object) -> Subject:
    return Subject.model_validate({"pseudonym": resident(name), **facts})


KIN = about("kin", tie=Tie.HOUSEHOLD)
HIDDEN = about("hidden", protected=True)
COLLEAGUE = about("colleague", staff=True)
SELF = about("colleague", staff=True, tie=Tie.SELF)
WEEK = [MONDAY + n * DAY for n in range(3)]

CASES: dict[str, tuple[list[Entry], list[tuple[str, str]]]] = {
    "two without a case": ([looked("a1", MONDAY, "x"), looked("a1", MONDAY, "y")], [("R1", "a1")]),
    "one without a case": ([looked("a1", MONDAY, "x")], []),
    "one each": ([looked("a1", MONDAY, "x"), looked("a2", MONDAY, "y")], []),
    "filed before": ([handled(MONDAY - 23 * HOUR, "x"), *[looked("a1", MONDAY, "x") for _ in range(3)]], []),
    "filed after": ([*[looked("a1", MONDAY, "x") for _ in range(3)], handled(MONDAY + 23 * HOUR, "x")], []),
    "filed too late": (
        [*[looked("a1", MONDAY, "x") for _ in range(2)], handled(MONDAY + 25 * HOUR, "x")], [("R1", "a1")],
    ),
    "another's case": ([handled(MONDAY, "z"), looked("a1", MONDAY, "x"), looked("a1", MONDAY, "y")], [("R1", "a1")]),
    "a document explains": (
        [*[looked("a1", MONDAY, "x") for _ in range(2)], looked("a1", MONDAY, "x", question=Question.DOCUMENT)], [],
    ),
    "nobody was shown": ([looked("a1", MONDAY, found=0) for _ in range(4)], []),
    "a namesake's case": ([handled(MONDAY, "y"), looked("a1", MONDAY, "x", "y"), looked("a1", MONDAY, "x", "y")], []),
    "again and again": ([looked("a1", at, "x") for at in WEEK], [("R2", "a1")]),
    "twice only": ([looked("a1", at, "x") for at in WEEK[:2]], []),
    "three persons": ([looked("a1", at, name) for at, name in zip(WEEK, "xyz", strict=True)], []),
    "a crowd": (
        [looked(f"a{n}", MONDAY + n * HOUR, "x") for n in range(6)], [("R3", f"a{n}") for n in range(6)],
    ),
    "a crowd with cases": (
        [*[handled(MONDAY + n * DAY, "x") for n in range(4)],
         *[looked(f"a{n}", MONDAY + n * HOUR, "x") for n in range(6)]], [],
    ),
    "own household": ([looked("a1", MONDAY, KIN), handled(MONDAY, "kin")], [("R4", "a1")]),
    "oneself": ([looked("a1", MONDAY, SELF), handled(MONDAY, "colleague")], [("R4", "a1")]),
    "a colleague": ([looked("a1", MONDAY, COLLEAGUE)], [("R5", "a1")]),
    "a colleague's case": ([looked("a1", MONDAY, COLLEAGUE), handled(MONDAY, "colleague")], []),
    "protected": ([looked("a1", MONDAY, HIDDEN), handled(MONDAY, "hidden")], [("R6", "a1")]),
    "all protections": (
        [looked("a1", MONDAY, HIDDEN, about("other", protected=True), question=Question.PROTECTION)], [("R6", "a1")],
    ),
    "fishing": ([looked("a1", MONDAY, found=40, too_many=True) for _ in range(5)], [("R7", "a1")]),
    "fishing a little": ([looked("a1", MONDAY, found=40, too_many=True) for _ in range(4)], []),
    "at night": ([looked("a1", NIGHT, found=0)], [("R8", "a1")]),
    "on a Sunday": ([looked("a1", SUNDAY, found=0)], [("R8", "a1")]),
    "on leave": ([looked("a1", MONDAY, found=0, standing=Standing.ON_LEAVE)], [("R8", "a1")]),
    "moved away": ([looked("a1", MONDAY, found=0, standing=Standing.OFF_DUTY)], [("R11", "a1")]),
    "not on the list": ([looked("a1", MONDAY, found=0, standing=Standing.UNKNOWN)], [("R11", "a1")]),
    "no list": ([looked("a1", MONDAY, found=0, standing=Standing.UNLISTED)], []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_rule_says_what_it_is_for(case: str) -> None:
    entries, expected = CASES[case]
    assert rules_said([*entries, up_to(MONDAY + 4 * DAY)]) == expected


def test_nothing_is_said_of_what_may_still_be_explained() -> None:
    entries: list[Entry] = [looked("a1", MONDAY, "x") for _ in range(4)]
    assert rules_said([*entries, up_to(MONDAY + 20 * HOUR)]) == []
    assert rules_said([*entries, up_to(MONDAY + 2 * DAY)]) == [("R1", "a1"), ("R2", "a1")]


def _working(counts: dict[str, list[int]], **told: object) -> list[Entry]:
    """Everybody's look-ups on consecutive days, told up to each midnight."""
    entries: list[Entry] = []
    for day in range(len(next(iter(counts.values())))):
        at = MONDAY + day * DAY
        entries += [looked(operator, at, found=0, **told) for operator, own in counts.items() for _ in range(own[day])]
        entries.append(up_to(at.replace(hour=0) + DAY))
    return entries


USUAL = [10, 12, 9, 11, 8, 13, 10, 9, 12, 11, 10, 8, 12, 10, 11, 9, 13, 10, 8, 12, 10, 9, 11, 12, 10]
STAFF = {f"a{n}": USUAL[n:] + USUAL[:n] for n in range(8)}


def _volume(entries: list[Entry]) -> list[tuple[str, str]]:
    return [each for each in rules_said(entries) if each[0] == "R9"]


def test_a_burst_is_one_against_the_own_days_and_the_days_effect() -> None:
    page = {"question": Question.PAGE}
    assert _volume(_working({name: [*own, 10] for name, own in STAFF.items()}, **page)) == []
    burst = {name: [*own, 60 if name == "a3" else 10] for name, own in STAFF.items()}
    assert _volume(_working(burst, **page)) == [("R9", "a3")]
    everybody = {name: [*own, 30] for name, own in STAFF.items()}
    assert _volume(_working(everybody, **page)) == []


def test_failed_searches_are_held_against_everybodys() -> None:
    entries: list[Entry] = []
    for day in range(12):
        at = MONDAY + day * DAY
        entries += [looked(name, at, found=min(n, 1)) for name in STAFF for n in range(10)]
        entries.append(up_to(at + DAY))
    last = MONDAY + 14 * DAY
    entries += [looked("a1", last, found=0) for _ in range(9)] + [looked("a2", last, found=min(n, 1)) for n in range(9)]
    failed = [each for each in rules_said([*entries, up_to(last + DAY)]) if each[0] == "R12"]
    assert failed == [("R12", "a1")]


def test_slow_growth_adds_up() -> None:
    weeks = 16
    days = [n for n in range(weeks * 7) if n % 7 < 5]
    counts = {f"a{k}": [20 if n % 7 < 5 else 0 for n in range(weeks * 7)] for k in range(8)}
    counts["a5"] = [round(20 * (1 + 0.2 * max(0, n // 7 - 9))) if n in days else 0 for n in range(weeks * 7)]
    entries = _working(counts, question=Question.PAGE)
    assert {each for each in rules_said(entries) if each[0] == "R10"} == {("R10", "a5")}


def test_an_alert_is_told_once_by_rule_operator_and_window() -> None:
    entries: list[Entry] = [looked("a1", MONDAY, "x"), looked("a1", MONDAY, "y"), up_to(LATER), up_to(LATER + HOUR)]
    (alert,) = said(entries).values()
    assert alert.window.named() == "2026-06-01/2026-06-01/"
    assert len(alert.evidence) == 2


def test_the_table_declares_twelve_rules_each_with_its_source() -> None:
    assert [rule.code for rule in RULES] == [f"R{n}" for n in range(1, 13)]
    assert all(rule.source and rule.title and (rule.at_once or rule.later) for rule in RULES)
    assert timedelta(days=LIMITS.case_days) == DAY
