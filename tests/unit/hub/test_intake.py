"""What is taken off the change topic: doubles dropped, gaps held, whole filings only, the unreadable parked."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from hub.router.intake import FOREIGN, UNREADABLE, PositionGapError, take
from topics.messages.change import Change, ChangeDates, ChangeKind, Group, RecordState

CITY = "142158"


def _change(position: int, index: int = 1, count: int = 1, municipality: str = CITY) -> bytes:
    return Change(
        event_id=UUID(int=position),
        municipality=municipality,
        position=position,
        group=Group(filing=UUID(int=position - index), index=index, count=count),
        resident="1000000018",
        kind=ChangeKind.ANNULLED,
        state=RecordState.ABSENT,
        reason="49",
        history_number=1,
        changed_items=(),
        dates=ChangeDates(changed_on="2026-04-01", processed_on="2026-04-01"),
        operator="synthetic-1",
        registered_at=datetime(2026, 4, 1, tzinfo=UTC),
    ).to_wire()


def _records(*values: bytes) -> list[Any]:
    return [SimpleNamespace(offset=10 + n, key=b"key", value=value) for n, value in enumerate(values)]


def test_doubles_are_dropped() -> None:
    taken = take(_records(_change(1), _change(1), _change(2), _change(1)), CITY, 1)
    assert [group[0].change.position for group in taken.groups] == [1, 2]
    assert (taken.next_position, taken.next_offset) == (3, 14)


def test_a_gap_is_held() -> None:
    with pytest.raises(PositionGapError) as gap:
        take(_records(_change(3)), CITY, 2)
    assert (gap.value.expected, gap.value.found) == (2, 3)


def test_what_stands_before_a_gap_is_taken() -> None:
    taken = take(_records(_change(1), _change(3)), CITY, 1)
    assert (taken.next_position, taken.next_offset) == (2, 11)


def test_a_filing_whose_end_is_missing_waits() -> None:
    taken = take(_records(_change(1), _change(2, 1, 3), _change(3, 2, 3)), CITY, 1)
    assert [len(group) for group in taken.groups] == [1]
    assert (taken.next_position, taken.next_offset) == (2, 11)
    whole = take(_records(_change(2, 1, 3), _change(3, 2, 3), _change(4, 3, 3)), CITY, 2)
    assert [len(group) for group in whole.groups] == [3]


def test_the_unreadable_and_the_foreign_are_parked_and_passed() -> None:
    taken = take(_records(b"not json", _change(1, municipality="142166"), _change(1)), CITY, 1)
    assert [each.code for each in taken.unreadable] == [UNREADABLE, FOREIGN]
    assert (taken.next_position, taken.next_offset) == (2, 13)


def test_the_unreadable_within_a_waiting_filing_is_parked_with_it() -> None:
    within = (_change(1, 1, 2), b"not json")
    assert take(_records(*within), CITY, 1).unreadable == ()
    taken = take(_records(*within, _change(2, 2, 2)), CITY, 1)
    assert (len(taken.unreadable), taken.next_position, taken.next_offset) == (1, 3, 13)
