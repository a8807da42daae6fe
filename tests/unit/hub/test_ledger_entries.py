"""What enters the ledger: one canonical text, numbers of items and never a value, a subject nobody can guess."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from hub.ledger.entries import digest_of, disclosed, granted
from hub.ledger.writing import Ledger
from hub.router.state import Routed
from topics.declared import declared_by_recipient
from topics.ledger.entry import EntryKind, canonical
from topics.messages.change import RecordState
from topics.messages.delivery import Delivery, DeliveryKind

GRANTS = declared_by_recipient()
ORIGIN, RESIDENT = "kairan/city/142158", "1000000018"
THEN = datetime(2026, 5, 11, 1, 2, 3, 456789, tzinfo=UTC)


def _routed(recipient: str, **items: str) -> Routed:
    delivery = Delivery(
        recipient=recipient, municipality="142158", generation=1, number=7, sequence=2, subject="s" * 24,
        kind=DeliveryKind.CHANGED, state=RecordState.ACTIVE, items=dict(items),
    )  # fmt: skip
    return Routed(GRANTS[recipient], delivery, RESIDENT, 3)


def _entered(ledger: Ledger) -> list[dict[str, object]]:
    return [json.loads(row.entry) for row in ledger.rows]


def test_a_disclosure_names_items_by_number_and_no_value() -> None:
    routed = _routed("welfare", name="合成　太郎", sex="1")
    body = disclosed(routed, sha256(b"synthetic").digest(), digest_of(routed.grant).hex())
    assert body["items"] == [5, 7]
    assert body["file"] == "resident"
    assert not {"合成　太郎", RESIDENT} & {str(value) for value in body.values()}


def test_entries_are_numbered_from_the_ledgers_size_in_one_canonical_text() -> None:
    ledger = Ledger.at(ORIGIN, 41, THEN)
    ledger.enter(EntryKind.VIEW, {"actor": "auditor-1"})
    ledger.enter(EntryKind.VIEW, {"purpose": "合成"})
    assert [row.at for row in ledger.rows] == [41, 42] == [entry["index"] for entry in _entered(ledger)]
    for row in ledger.rows:
        assert row.entry == canonical(json.loads(row.entry))
        assert row.entry.isascii()


def test_a_subject_is_committed_to_anew_each_time() -> None:
    ledger = Ledger.at(ORIGIN, 0, THEN)
    ledger.enter(EntryKind.VIEW, {}, RESIDENT)
    ledger.enter(EntryKind.VIEW, {}, RESIDENT)
    subjects = [entry["subject"] for entry in _entered(ledger)]
    assert subjects == [sha256((row.salt or b"") + RESIDENT.encode()).hexdigest() for row in ledger.rows]
    assert len(set(subjects)) == 2
    assert RESIDENT not in "".join(row.entry for row in ledger.rows)


def test_time_never_goes_backwards() -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    assert Ledger.at(ORIGIN, 0, ahead).time == ahead
    assert Ledger.at(ORIGIN, 0, THEN).time > THEN


def test_a_grants_entry_changes_with_whatever_the_grant_says() -> None:
    grant = GRANTS["welfare"]
    narrowed = grant.model_copy(update={"items": grant.items[:-1]})
    assert granted(grant)["grant"] != granted(narrowed)["grant"]
