"""What is taken off the change topic: doubles dropped, gaps held, whole filings only, the unreadable parked."""

from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from hub.commandline.abuse.parties import parties
from hub.router.intake import FOREIGN, HEAD, UNREADABLE, PositionGapError, read, take
from topics.envelope.opening import EnvelopeCode
from topics.envelope.places import change_terms
from topics.envelope.run import Head
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


PARTIES = parties("register", "hub")
TERMS = change_terms("", CITY)


def _sealed(value: bytes) -> bytes:
    """What the register would send: head and content agree where the content has a position."""
    position = Change.from_wire(value).position if value.startswith(b"{") else 1
    return PARTIES.sealer(TERMS).seal(Head(key="key", event_id="one", number=position, sequence=1), value)


def _records(*values: bytes) -> list[Any]:
    return [SimpleNamespace(offset=10 + n, key=b"key", value=_sealed(value)) for n, value in enumerate(values)]


_read = partial(read, opener=PARTIES.opener(TERMS), municipality=CITY)


def test_doubles_are_dropped() -> None:
    taken = take(_records(_change(1), _change(1), _change(2), _change(1)), _read, 1)
    assert [group[0].event.position for group in taken.groups] == [1, 2]
    assert (taken.next_position, taken.next_offset) == (3, 14)


def test_a_gap_is_held() -> None:
    with pytest.raises(PositionGapError) as gap:
        take(_records(_change(3)), _read, 2)
    assert (gap.value.expected, gap.value.found) == (2, 3)


def test_what_stands_before_a_gap_is_taken() -> None:
    taken = take(_records(_change(1), _change(3)), _read, 1)
    assert (taken.next_position, taken.next_offset) == (2, 11)


def test_a_filing_whose_end_is_missing_waits() -> None:
    taken = take(_records(_change(1), _change(2, 1, 3), _change(3, 2, 3)), _read, 1)
    assert [len(group) for group in taken.groups] == [1]
    assert (taken.next_position, taken.next_offset) == (2, 11)
    whole = take(_records(_change(2, 1, 3), _change(3, 2, 3), _change(4, 3, 3)), _read, 2)
    assert [len(group) for group in whole.groups] == [3]


def test_the_unreadable_and_the_foreign_are_parked_and_passed() -> None:
    taken = take(_records(b"not json", _change(1, municipality="142166"), _change(1)), _read, 1)
    assert [each.code for each in taken.unreadable] == [UNREADABLE, FOREIGN]
    assert (taken.next_position, taken.next_offset) == (2, 13)


def test_the_unreadable_within_a_waiting_filing_is_parked_with_it() -> None:
    within = (_change(1, 1, 2), b"not json")
    assert take(_records(*within), _read, 1).unreadable == ()
    taken = take(_records(*within, _change(2, 2, 2)), _read, 1)
    assert (len(taken.unreadable), taken.next_position, taken.next_offset) == (1, 3, 13)


def test_what_was_sealed_to_somebody_else_or_not_at_all_is_parked() -> None:
    plain = SimpleNamespace(offset=1, key=b"key", value=_change(1))
    assert take([plain], _read, 1).unreadable[0].code == EnvelopeCode.MALFORMED
    foreign = parties("register", "hub").sealer(TERMS)
    sealed = foreign.seal(Head(key="key", event_id="one", number=1, sequence=1), _change(1))
    assert take([SimpleNamespace(offset=1, key=b"key", value=sealed)], _read, 1).unreadable[0].code == (
        EnvelopeCode.KEY_UNKNOWN
    )


def test_a_change_under_another_position_than_its_own_is_parked() -> None:
    sealed = PARTIES.sealer(TERMS).seal(Head(key="key", event_id="one", number=2, sequence=1), _change(1))
    assert take([SimpleNamespace(offset=1, key=b"key", value=sealed)], _read, 1).unreadable[0].code == HEAD
