"""What a message comes to, decided purely: filings, entries of the work list, and entries that are over."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from producers.register.filings import Filing
from topics.messages.register_inbound import MoveOutCertificateReceived, RegisterMessage

REFUSED_DELIVERY = "deliveries-refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the work list; `place` is where in the party's message. `settled_at` where it is over already."""

    party: str
    party_number: int
    place: int
    kind: str
    code: str
    addressee_number: str | None
    history_number: int | None
    received_at: datetime
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """The party's refusals of this resident's changes are over."""

    party: str
    addressee_number: str
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class Noticed:
    """A person's newest move-in notice, to be remembered where the filing it made stands."""

    filing_id: UUID
    addressee_number: str
    party: str
    party_number: int
    moved_in_on: date
    noticed_on: date
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Certified:
    """A move-out certificate to be kept; `content` is what came out of the envelope, numbers and all."""

    message: MoveOutCertificateReceived
    persons: int
    planned_on: date
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Work:
    """What one message comes to, or a batch of them. A filing that is refused becomes an entry of its message."""

    filings: tuple[tuple[Filing, RegisterMessage], ...] = ()
    entries: tuple[Entry, ...] = ()
    over: tuple[Over, ...] = ()
    notices: tuple[Noticed, ...] = ()
    certificates: tuple[Certified, ...] = ()

    def then(self, later: "Work") -> "Work":
        """This work followed by `later`: what ends there may have begun here."""
        ended = {(over.party, over.addressee_number): over.settled_at for over in later.over}
        entries = tuple(_ended(entry, ended.get((entry.party, entry.addressee_number or ""))) for entry in self.entries)
        return Work(
            self.filings + later.filings,
            entries + later.entries,
            self.over + later.over,
            self.notices + later.notices,
            self.certificates + later.certificates,
        )


Handler = Callable[[Any], Work]
"""From a message of one type to what it comes to."""


def filing_id_of(message: RegisterMessage) -> UUID:
    """The id of the filing that a message makes: the same message is the same filing."""
    return uuid5(NAMESPACE_OID, f"{message.municipality}/{message.party}/{message.party_number}")


def all_of(works: Iterable[Work]) -> Work:
    """One work after the other."""
    whole = Work()
    for work in works:
        whole = whole.then(work)
    return whole


def refused_filing(message: RegisterMessage, code: str) -> Entry:
    """The entry that stands for a filing which the register refused."""
    whom = getattr(message, "addressee_number", None)
    return Entry(message.party, message.party_number, 0, message.type, code, whom, None, message.received_at)


def _ended(entry: Entry, at: datetime | None) -> Entry:
    if at is None or entry.settled_at is not None or entry.kind != REFUSED_DELIVERY:
        return entry
    return replace(entry, settled_at=at)
