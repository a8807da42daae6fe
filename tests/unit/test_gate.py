"""The gates by example, and the checks before them."""

import json
from dataclasses import replace

import pytest

from consumers.kit.checks import GROUP, HEAD, NOT_GRANTED, NOT_OURS, UNDECODABLE, Terms, examine
from consumers.kit.gate import NumberGate, ranges
from consumers.kit.record import Arrival, Finding, Record
from hub.commandline.abuse.parties import parties
from topics.declared import declared_by_recipient
from topics.envelope.opening import EnvelopeCode
from topics.envelope.places import delivery_terms
from topics.envelope.run import Head
from topics.messages.delivery import Delivery
from topics.messages.protection import Told

TERMS = Terms("welfare", "142158", 1, frozenset({"name"}), frozenset({"reason"}))
PARTIES = parties("hub", "welfare")
PLACE = delivery_terms("", declared_by_recipient()["welfare"], "142158")
OPENER = PARTIES.opener(PLACE)
GOOD = {
    "recipient": "welfare",
    "municipality": "142158",
    "generation": 1,
    "number": 7,
    "sequence": 1,
    "subject": "abc",
    "kind": "created",
    "state": "active",
    "items": {"name": {"text": "合成太郎", "kana": "ごうせいたろう"}},
}


def _examine(key: bytes | None = b"abc", /, **changes: object) -> Arrival | Finding:
    value = _sealed(json.dumps({**GOOD, **changes}).encode())
    return examine(Record(0, key, value), OPENER, TERMS, lambda delivery: None)


def _sealed(payload: bytes) -> bytes:
    """As the hub would send it: what is wrong is inside."""
    return PARTIES.sealer(PLACE).seal(Head(key="abc", event_id="one", number=7, sequence=1), payload)


def test_a_jump_in_delivery_numbers_tells_what_was_skipped() -> None:
    gate, skipped = NumberGate(4).admit(7)
    assert (gate.next, list(skipped)) == (8, [4, 5, 6])


def test_a_late_number_changes_nothing() -> None:
    assert NumberGate(4).admit(2) == (NumberGate(4), range(0))


def test_numbers_become_the_fewest_ranges() -> None:
    assert ranges([5, 1, 2, 3, 2, 9]) == [range(1, 4), range(5, 6), range(9, 10)]
    assert ranges(range(1, 6), longest=2) == [range(1, 3), range(3, 5), range(5, 6)]


def test_a_good_record_passes() -> None:
    arrival = _examine()
    assert isinstance(arrival, Arrival)
    assert arrival.delivery == Delivery.model_validate(GOOD)


@pytest.mark.parametrize(
    ("changes", "code", "number"),
    [
        ({"recipient": "prefecture"}, NOT_OURS, 7),
        ({"municipality": "142166"}, NOT_OURS, 7),
        ({"generation": 2}, NOT_OURS, 7),
        ({"subject": "xyz"}, HEAD, 7),
        ({"number": 8}, HEAD, 7),
        ({"sequence": 2}, HEAD, 7),
        ({"items": {"my_number": "0"}}, NOT_GRANTED, 7),
        ({"unheard_of": 1}, UNDECODABLE, 7),
        ({"sequence": 0}, UNDECODABLE, 7),
        ({"group": {"id": "g", "index": 3, "count": 2}}, GROUP, 7),
        ({"group": {"id": "g", "index": 8, "count": 9}}, GROUP, 7),
        ({"group": {"id": "g", "index": 1, "count": 10**6}}, GROUP, 7),
    ],
)
def test_a_record_that_is_not_as_agreed_keeps_its_place(changes: dict[str, object], code: str, number: int) -> None:
    finding = _examine(**changes)
    assert isinstance(finding, Finding)
    assert (finding.code, finding.number) == (code, number)


@pytest.mark.parametrize("payload", [b"", b"\xff\x00", b"{", b"[]"])
def test_contents_that_are_no_delivery_are_a_finding(payload: bytes) -> None:
    finding = examine(Record(0, b"abc", _sealed(payload)), OPENER, TERMS, lambda delivery: None)
    assert isinstance(finding, Finding)
    assert finding.code == UNDECODABLE


@pytest.mark.parametrize("value", [None, b"", b"\xff\x00", json.dumps(GOOD).encode()])
def test_bytes_that_are_no_envelope_are_a_finding(value: bytes | None) -> None:
    finding = examine(Record(0, b"abc", value), OPENER, TERMS, lambda delivery: None)
    assert isinstance(finding, Finding)
    assert finding.code == EnvelopeCode.MALFORMED


def test_the_recipients_own_rule_is_asked_last() -> None:
    value = _sealed(json.dumps(GOOD).encode())
    finding = examine(Record(0, b"abc", value), OPENER, TERMS, lambda delivery: "OWN-RULE")
    assert isinstance(finding, Finding)
    assert (finding.code, finding.number) == ("OWN-RULE", 7)


@pytest.mark.parametrize("kind", ["block", "recall"])
def test_a_block_and_a_recall_hold_no_state_and_are_not_held_to_a_rule_of_states(kind: str) -> None:
    value = _sealed(json.dumps({**GOOD, "kind": kind, "items": {}}).encode())
    assert isinstance(examine(Record(0, b"abc", value), OPENER, TERMS, lambda delivery: "OWN-RULE"), Arrival)


@pytest.mark.parametrize(
    ("granted", "told", "passes"),
    [
        ("none", {"blocked": True}, False),
        ("flag", {"blocked": True}, True),
        ("flag", {"blocked": True, "status": "full"}, False),
        ("flag", {"blocked": True, "begins_on": "2026-04-01"}, False),
        ("level-and-period", {"blocked": True, "status": "full", "level": "record"}, True),
    ],
)
def test_more_of_a_protection_than_is_granted_is_a_finding(granted: Told, told: object, passes: bool) -> None:
    terms = replace(TERMS, protection_told=granted)
    record = Record(0, b"abc", _sealed(json.dumps({**GOOD, "protection": told}).encode()))
    found = examine(record, OPENER, terms, lambda delivery: None)
    assert isinstance(found, Arrival) if passes else isinstance(found, Finding) and found.code == NOT_GRANTED
