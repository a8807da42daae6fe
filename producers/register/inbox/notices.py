"""A move-in notice becomes a filing of whom it names, without staff (転入通知受理, 標準仕様書 4.1.3.1); what cannot be
filed stands on the work list. A move-out certificate is kept."""

from collections import defaultdict
from datetime import date
from uuid import UUID, uuid5

from producers.register.events import JAPAN
from producers.register.filings import MoveInNotice
from producers.register.inbox.letters import Certificate, Leaver, Notice, Unopened
from producers.register.inbox.work import Certified, Entry, Noticed, Work, filing_id_of
from topics.messages.change import RecordState
from topics.messages.register_inbound import LetterReceived

OPERATOR = "register-inbox"
UNKNOWN_PERSON = "NOTICE-UNKNOWN-PERSON"
WRONG_SENDER = "NOTICE-WRONG-SENDER"
NOT_LEAVING = "NOTICE-NOT-LEAVING"


def unopened(letter: Unopened) -> Work:
    """Nobody can read it: somebody has to ask the sender."""
    return Work(entries=(_entry(letter.message, 1, letter.code),))


def certified(certificate: Certificate) -> Work:
    """It is kept until the move-in is filed from it (特例転入)."""
    letter = certificate.letter
    day = date.fromisoformat(letter.planned_on)
    return Work(certificates=(Certified(certificate.message, len(letter.persons), day, certificate.content),))


def noticed(notice: Notice) -> Work:
    """One filing for each household and state among whom it names; an entry for each of whom it may tell nothing."""
    entries: list[Entry] = []
    due: dict[tuple[str, str], list[Leaver]] = defaultdict(list)
    for place, person in enumerate(notice.persons, start=1):
        code = _objection(notice, person)
        if code is not None:
            entries.append(_entry(notice.message, place, code, person))
        elif person is not None and person.addressee_number not in notice.superseded:
            due[person.household_number, person.state].append(person)
    filings = [(_filing(notice, persons), notice.message) for persons in due.values()]
    told = zip(filings, due.values(), strict=True)
    notices = [_noticed(notice, filing.filing_id, person) for (filing, _), persons in told for person in persons]
    return Work(filings=tuple(filings), entries=tuple(entries), notices=tuple(notices))


def _objection(notice: Notice, person: Leaver | None) -> str | None:
    """Why the notice is not taken of this person: nobody known, not leaving, or gone elsewhere than the sender is."""
    sender = notice.message.counterparty
    if person is None:
        return UNKNOWN_PERSON
    left = person.state == RecordState.CEASED
    destination = (person.moved_out_to or person.planned_to) if left else person.planned_to
    if destination is None:
        return NOT_LEAVING
    return None if destination == sender == notice.letter.address.municipality else WRONG_SENDER


def _filing(notice: Notice, persons: list[Leaver]) -> MoveInNotice:
    letter, numbers = notice.letter, tuple(sorted({person.addressee_number for person in persons}))
    return MoveInNotice(
        filing_id=uuid5(filing_id_of(notice.message), "/".join(numbers)),
        operator=OPERATOR,
        filed_on=notice.message.received_at.astimezone(JAPAN).date().isoformat(),
        changed_on=letter.moved_in_on,
        notified_on=letter.noticed_on,
        residents=numbers,
        to=letter.address,
    )


def _noticed(notice: Notice, filing_id: UUID, person: Leaver) -> Noticed:
    message, letter = notice.message, notice.letter
    days = date.fromisoformat(letter.moved_in_on), date.fromisoformat(letter.noticed_on)
    return Noticed(filing_id, person.addressee_number, message.party, message.party_number, *days, message.received_at)


def _entry(message: LetterReceived, place: int, code: str, person: Leaver | None = None) -> Entry:
    who = None if person is None else person.addressee_number
    return Entry(message.party, message.party_number, place, message.type, code, who, None, message.received_at)
