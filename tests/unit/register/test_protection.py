"""Steps of a protection: which follows which, how long a term is, and that no day lifts a block."""

from datetime import date
from uuid import uuid4

import pytest
from pydantic import ValidationError

from producers.register.findings import FilingRefusedError, Notice, Rule
from producers.register.protection.steps import Protection, ProtectionFiling, Step, after, month_before, year_later
from producers.register.serials import numbered

WHO = numbered([100_000_001])[0]
LONG_AFTER = date(2099, 1, 1)


def _filed(step: Step, day: str = "2026-04-01", level: str | None = None) -> ProtectionFiling:
    return ProtectionFiling.model_validate(
        {"filing_id": uuid4(), "operator": "synthetic-1", "filed_on": day, "step": step, "residents": (WHO,),
         "level": level}
    )  # fmt: skip


def _after(*steps: tuple[Step, str]) -> Protection:
    now = after(None, _filed("provisional", "2026-04-01", "address"))
    for step, day in steps:
        now = after(now, _filed(step, day))
    return now


def test_a_protection_is_provisional_from_the_application_and_full_for_a_year() -> None:
    assert _after() == Protection(1, "provisional", "address", date(2026, 4, 1))
    full = _after(("full", "2026-04-20"))
    assert full == Protection(2, "full", "address", date(2026, 4, 20), date(2027, 4, 20))


def test_it_is_extended_from_a_month_before_its_end() -> None:
    full = _after(("full", "2026-04-20"))
    with pytest.raises(FilingRefusedError) as refusal:
        after(full, _filed("extension", "2027-03-19"))
    assert (refusal.value.rule, refusal.value.field) == (Rule.PROTECTION, "filed_on")
    assert after(full, _filed("extension", "2027-03-20")).ends_on == date(2028, 4, 20)
    late = after(full, _filed("extension", "2029-01-10"))
    assert (late.ends_on, late.status) == (date(2030, 1, 10), "full")


def test_when_it_is_transferred_it_is_provisional_again() -> None:
    moved = _after(("full", "2026-04-20"), ("transfer", "2026-08-01"))
    assert (moved.status, moved.level, moved.ends_on, moved.blocks) == ("provisional", "address", None, True)


def test_no_day_lifts_a_block_but_asks_for_a_review() -> None:
    full = _after(("full", "2026-04-20"))
    assert full.blocks
    assert full.notice(date(2027, 4, 20)) is None
    notice = full.notice(LONG_AFTER)
    assert notice is not None and notice.code is Notice.SUPPORT_ENDED
    assert _after().notice(LONG_AFTER) is None


def test_it_ends_by_hand_and_may_begin_again() -> None:
    ended = _after(("full", "2026-04-20"), ("end", "2026-09-01"))
    assert (ended.blocks, ended.notice(LONG_AFTER)) == (False, None)
    again = after(ended, _filed("provisional", "2026-10-01", "record"))
    assert (again.number, again.level, again.blocks) == (4, "record", True)


@pytest.mark.parametrize(
    ("steps", "step"),
    [((), "extension"), ((), "provisional"), (("full",), "full"), (("full",), "provisional"), (("end",), "end"),
     (("end",), "transfer"), (("end",), "full"), (("end",), "extension")],
)  # fmt: skip
def test_a_step_that_does_not_follow_is_refused(steps: tuple[Step, ...], step: Step) -> None:
    now = _after(*((each, "2026-04-20") for each in steps))
    with pytest.raises(FilingRefusedError) as refusal:
        after(now, _filed(step, "2026-04-21", "address"))
    assert (refusal.value.rule, refusal.value.field) == (Rule.PROTECTION, "step")


@pytest.mark.parametrize("step", ["full", "extension", "transfer", "end"])
def test_nothing_follows_on_nothing(step: Step) -> None:
    with pytest.raises(FilingRefusedError):
        after(None, _filed(step, level="address"))


def test_what_is_blocked_must_be_said_once() -> None:
    with pytest.raises(FilingRefusedError) as refusal:
        after(None, _filed("provisional"))
    assert refusal.value.field == "level"
    assert after(_after(), _filed("full", level="record")).level == "record"


@pytest.mark.parametrize("told", ["perpetrator", "reason", "remarks"])
def test_who_and_why_have_no_place_in_a_step(told: str) -> None:
    with pytest.raises(ValidationError):
        ProtectionFiling.model_validate(_filed("provisional", level="address").model_dump() | {told: "x"})


@pytest.mark.parametrize(
    ("day", "later", "earlier"),
    [("2026-04-20", "2027-04-20", "2026-03-20"), ("2028-02-29", "2029-02-28", "2028-01-29"),
     ("2026-03-31", "2027-03-31", "2026-02-28"), ("2026-01-15", "2027-01-15", "2025-12-15")],
)  # fmt: skip
def test_a_year_later_and_a_month_before(day: str, later: str, earlier: str) -> None:
    there = date.fromisoformat(day)
    assert (year_later(there), month_before(there)) == (date.fromisoformat(later), date.fromisoformat(earlier))
