"""The steps by which a grant comes and goes, and who may take them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from topics import trail
from topics.declared import SHIPPED, declared_by_recipient
from topics.grant import Grant, Halt
from topics.grant_files import read_grant, write_grant
from topics.obstacles import obstacles
from topics.trail import TrailError

TODAY = date(2026, 11, 24)
WELFARE = declared_by_recipient()["welfare"]
HALT = Halt(by="privacy-officer-1", since=TODAY, reason="synthetic")


def _proposal(**changes: Any) -> Grant:
    return Grant.model_validate(WELFARE.model_dump() | {"review": None} | changes)


WIDER = _proposal(items=(*WELFARE.items, 3), numbers={"my_number": True, "need": "synthetic need"})


def test_a_wider_request_waits_and_leaves_the_present_grant_alone() -> None:
    asked = trail.request(WIDER, WELFARE, TODAY)
    assert asked.wider == ("items 3", "my number")
    assert asked.grant.review is None


def test_a_narrower_request_needs_no_second_person() -> None:
    asked = trail.request(_proposal(items=WELFARE.items[:3], triggers=WELFARE.triggers[:1]), WELFARE, TODAY)
    assert (asked.wider, asked.grant.review) == ((), WELFARE.review)
    assert obstacles(asked.grant, TODAY) == []


@pytest.mark.parametrize("current", [None, trail.suspend(WELFARE, HALT), trail.end(WELFARE, HALT)])
def test_without_a_grant_in_force_everything_is_wider(current: Grant | None) -> None:
    asked = trail.request(current or _proposal(), current, TODAY)
    assert asked.wider == ("there is no grant in force",)
    assert asked.grant.generation == (1 if current is None else 2)
    assert (asked.grant.suspended, asked.grant.ended) == (None, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"items": (*WELFARE.items, 26)}, "GRANT-BEYOND-BASIS"),
        ({"items": (*WELFARE.items, 3)}, "GRANT-NUMBER-WITHOUT-NEED"),
        ({"legal_basis": ("number-act-19-8",)}, "GRANT-BEYOND-BASIS"),
        ({"valid_from": date(2020, 1, 1), "valid_to": date(2021, 1, 1)}, "GRANT-EXPIRED"),
    ],
)
def test_what_no_review_could_put_in_force_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(TrailError, match=code):
        trail.request(_proposal(**changes), WELFARE, TODAY)


def test_the_second_person_puts_it_in_force() -> None:
    waiting = trail.request(WIDER, WELFARE, TODAY).grant
    with pytest.raises(TrailError, match="GRANT-OWN-REVIEW"):
        trail.review(waiting, waiting.request.requester, "approved", TODAY)
    approved = trail.review(waiting, "privacy-officer-2", "approved", TODAY)
    assert obstacles(approved, TODAY) == []
    refused = trail.review(waiting, "privacy-officer-2", "refused", TODAY)
    assert obstacles(refused, TODAY) != []
    with pytest.raises(TrailError, match="request anew"):
        trail.review(refused, "privacy-officer-3", "approved", TODAY)


@pytest.mark.parametrize("step", [trail.suspend, trail.end])
def test_a_halt_is_told_once(step: Any) -> None:
    halted = step(WELFARE, HALT)
    assert obstacles(halted, TODAY) != []
    assert step(halted, Halt(by="another", since=TODAY, reason="later")) == halted


def test_a_step_is_written_into_the_file_as_people_laid_it_out(tmp_path: Path) -> None:
    layout, path = SHIPPED / "welfare.yaml", tmp_path / "welfare.yaml"
    write_grant(path, trail.suspend(WELFARE, HALT), layout)
    text = path.read_text(encoding="utf-8")
    assert "# The assessment permits" in text
    assert read_grant(path) == trail.suspend(WELFARE, HALT)
    write_grant(path, WELFARE, path)
    assert read_grant(path) == WELFARE
    with pytest.raises(ValueError, match="more than the trail"):
        write_grant(path, WIDER, path)
