"""Notices of other municipalities become filings by the rule there is, or entries; the newest holds."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic_core import to_json

from producers.register.filings import MoveInNotice
from producers.register.inbox.letters import UNREADABLE, Certificate, Leaver, Notice, Unopened, with_superseded
from producers.register.inbox.notices import NOT_LEAVING, UNKNOWN_PERSON, WRONG_SENDER, certified, noticed, unopened
from producers.register.inbox.work import Work, all_of
from producers.register.serials import numbered
from topics.messages.letters import CertificateLetter, NoticeLetter
from topics.messages.register_inbound import MoveInNoticeReceived, MoveOutCertificateReceived

CITY, THERE, ELSEWHERE = "142158", "132098", "271004"
CODES = ("24727059608", "24846016224", "25208017643")
SERIALS = numbered(range(100_000_000, 100_000_010))
NOW = datetime(2026, 3, 30, 1, 0, tzinfo=UTC)
ADDRESS = {"text": "合成市本町1番1号", "municipality": THERE}


def _leaver(number: int = 1, **told: Any) -> Leaver:
    plain: dict[str, Any] = {"household_number": "2000000001", "state": "active", "planned_to": THERE,
                             "moved_out_to": None}  # fmt: skip
    return Leaver(addressee_number=SERIALS[number - 1], **plain | told)


def _notice(*persons: Leaver | None, number: int = 1, noticed_on: str = "2026-03-30", **told: Any) -> Notice:
    letter = {"resident_codes": CODES[: len(persons)], "moved_in_on": "2026-03-28", "noticed_on": noticed_on,
              "address": ADDRESS}  # fmt: skip
    return Notice(_message(MoveInNoticeReceived, number), NoticeLetter.from_wire(to_json(letter | told)), persons)


def _message(kind: Any, number: int = 1, counterparty: str = THERE) -> Any:
    return kind(municipality=CITY, number=number, party=f"move-out-certificate-{counterparty}", party_number=number,
                received_at=NOW, counterparty=counterparty, envelope="AAAA")  # fmt: skip


def _filings(work: Work) -> list[MoveInNotice]:
    return [filing for filing, _ in work.filings if isinstance(filing, MoveInNotice)]


def test_a_family_of_one_notice_is_one_filing_by_the_rule_there_is() -> None:
    work = noticed(_notice(_leaver(1), _leaver(2), _leaver(3)))
    (filing,) = _filings(work)
    assert filing.residents == tuple(SERIALS[:3])
    assert (filing.changed_on, filing.notified_on, filing.filed_on) == ("2026-03-28", "2026-03-30", "2026-03-30")
    assert [each.addressee_number for each in work.notices] == list(filing.residents)
    assert work.entries == ()


def test_the_same_notice_is_the_same_filing_and_another_one_is_not() -> None:
    first, again, other = (noticed(_notice(_leaver(), number=n)) for n in (1, 1, 2))
    assert _filings(first)[0].filing_id == _filings(again)[0].filing_id != _filings(other)[0].filing_id


def test_who_is_removed_already_and_who_is_not_are_filed_apart() -> None:
    gone = _leaver(2, state="ceased", planned_to=THERE, moved_out_to=THERE)
    work = noticed(_notice(_leaver(1), gone))
    assert [filing.residents for filing in _filings(work)] == [(SERIALS[0],), (SERIALS[1],)]


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (None, UNKNOWN_PERSON),
        (_leaver(planned_to=None), NOT_LEAVING),
        (_leaver(planned_to=ELSEWHERE), WRONG_SENDER),
        (_leaver(state="ceased", planned_to=THERE, moved_out_to=ELSEWHERE), WRONG_SENDER),
        (_leaver(state="ceased", planned_to=None), NOT_LEAVING),
    ],
)
def test_of_whom_nothing_may_be_told_stands_on_the_work_list(person: Leaver | None, code: str) -> None:
    work = noticed(_notice(_leaver(7), person))
    assert [(entry.code, entry.place) for entry in work.entries] == [(code, 2)]
    assert [filing.residents for filing in _filings(work)] == [(SERIALS[6],)]


def test_a_sender_tells_of_its_own_place_only() -> None:
    work = noticed(_notice(_leaver(), address=ADDRESS | {"municipality": ELSEWHERE}))
    assert ([entry.code for entry in work.entries], work.filings) == ([WRONG_SENDER], ())


@pytest.mark.parametrize(
    ("days", "standing"),
    [(("2026-03-30", "2026-03-29"), [1]), (("2026-03-29", "2026-03-30"), [2]), (("2026-03-30", "2026-03-30"), [2])],
    ids=["older comes later", "newer comes later", "of one day the later sent"],
)
def test_of_several_in_one_batch_the_newest_holds(days: tuple[str, str], standing: list[int]) -> None:
    batch = [_notice(_leaver(), number=n, noticed_on=day) for n, day in enumerate(days, start=1)]
    work = all_of(map(noticed, with_superseded(batch)))
    assert [message.number for _, message in work.filings] == standing
    assert work.entries == ()


@pytest.mark.parametrize(("day", "filed"), [("2026-03-29", 0), ("2026-03-30", 1), ("2026-03-31", 1)])
def test_one_that_is_older_than_what_was_applied_changes_nothing(day: str, filed: int) -> None:
    before = (date(2026, 3, 30), f"move-out-certificate-{THERE}", 4)
    batch = [_notice(_leaver(noticed=before), number=5, noticed_on=day)]
    assert len(all_of(map(noticed, with_superseded(batch))).filings) == filed


def test_a_letter_that_nobody_can_read_is_an_entry() -> None:
    (entry,) = unopened(Unopened(_message(MoveOutCertificateReceived), UNREADABLE)).entries
    assert (entry.code, entry.kind) == (UNREADABLE, "move-out-certificate-received")


def test_a_certificate_is_kept_and_files_nothing() -> None:
    person = {"name": {"text": "合成　太郎", "kana": "ごうせい"}, "birth_date": "1980-02-29", "sex": "1",
              "resident_code": CODES[0]}  # fmt: skip
    content = to_json({"persons": [person], "origin": ADDRESS, "planned_on": "2026-04-01"})
    letter = CertificateLetter.from_wire(content)
    work = certified(Certificate(_message(MoveOutCertificateReceived), letter, content))
    (kept,) = work.certificates
    assert (kept.persons, kept.planned_on, work.filings, work.entries) == (1, date(2026, 4, 1), (), ())
    assert CODES[0] not in repr((letter, kept, work))


@pytest.mark.parametrize("codes", [["24727059609"], [], ["24727059608"] * 21], ids=["check digit", "none", "too many"])
def test_a_letter_is_refused_without_being_quoted(codes: list[str]) -> None:
    told = {"resident_codes": codes, "moved_in_on": "2026-03-28", "noticed_on": "2026-03-30", "address": ADDRESS}
    with pytest.raises(ValueError, match="resident_codes") as caught:
        NoticeLetter.from_wire(to_json(told))
    assert not codes or codes[0] not in str(caught.value)
