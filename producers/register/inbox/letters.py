"""Letters (文書) of other municipalities, opened, and the persons they name looked up: what the handlers decide on.

Resident codes are searched by keyed blind index, a whole batch at once, in the numbers database by the counter's role,
where every letter leaves a row; the register itself is asked by reference.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.key_ring import KeyRing
from infra.runtime.keys import NUMBERS_KEY, load_key
from infra.runtime.postgres import connect
from infra.runtime.queries import load_queries
from infra.runtime.settings import Settings
from producers.register.databases import NUMBERS_DATABASE, REGISTER_DATABASE
from producers.register.filings import NUMBERS
from producers.register.lookup import COUNTER_ROLE
from producers.register.texts import first_unfit
from topics.catalogue import REGISTER
from topics.envelope.opening import EnvelopeError, Opener
from topics.envelope.places import letter_terms
from topics.guarded import Purpose
from topics.messages.letters import CertificateLetter, NoticeLetter
from topics.messages.register_inbound import (
    LetterReceived,
    MoveInNoticeReceived,
    MoveOutCertificateReceived,
    RegisterMessage,
)

_SQL = load_queries("producers.register.inbox", "queries.sql")
UNREADABLE = "LETTER-UNREADABLE"
UNFIT = "LETTER-TEXT"
"""A text in it is none that a register can hold."""
HEAD = "LETTER-HEAD-IS-NOT-THE-CONTENT"


@dataclass(frozen=True, slots=True)
class Unopened:
    """A letter that cannot be read; `code` says why."""

    message: LetterReceived
    code: str


@dataclass(frozen=True, slots=True)
class Leaver:
    """A person as the register has her when a notice names her; `noticed` is the newest notice known before."""

    addressee_number: str
    household_number: str
    state: str
    planned_to: str | None
    moved_out_to: str | None
    noticed: tuple[date, str, int] | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A move-in notice; `persons` are those it names, None for nobody known, in its order. `superseded` are persons of
    whom a newer notice has come."""

    message: MoveInNoticeReceived
    letter: NoticeLetter
    persons: tuple[Leaver | None, ...]
    superseded: frozenset[str] = frozenset()

    def order(self) -> tuple[date, str, int]:
        """By what of several the newest is told: the day of the notice, then the sender's own number."""
        return date.fromisoformat(self.letter.noticed_on), self.message.party, self.message.party_number


@dataclass(frozen=True, slots=True)
class Certificate:
    """A move-out certificate, and the bytes that are to be kept."""

    message: MoveOutCertificateReceived
    letter: CertificateLetter
    content: bytes = field(repr=False)


Opened = RegisterMessage | Unopened | Notice | Certificate
_Codes = Mapping[bytes, Leaver]


class Correspondence:
    """Opens letters to one municipality."""

    def __init__(self, settings: Settings, municipality: str, ring: KeyRing) -> None:
        self._settings = settings
        self._municipality = municipality
        self._ring = ring
        self._cipher = ColumnCipher(load_key(settings, NUMBERS_KEY), table="number_version", column="number")

    async def opened(self, messages: Sequence[RegisterMessage]) -> list[Opened]:
        """The messages in order, each letter as what it says; raises `Refusal` and the database's errors."""
        read = [self._read(each) for each in messages]
        notices = [each for each in read if isinstance(each, Notice)]
        if not notices:
            return read
        known = await self._known([(each, index) for each in notices for index in self._indexes(each.letter)])
        found = iter(with_superseded([self._with_persons(each, known) for each in notices]))
        return [next(found) if isinstance(each, Notice) else each for each in read]

    def _read(self, message: RegisterMessage) -> Opened:
        if not isinstance(message, LetterReceived):
            return message
        terms = letter_terms(self._settings.environment, message.party, self._municipality)
        opener = Opener(terms, self._ring.register, self._ring.private)
        try:
            opened = opener.open(b64decode(message.envelope, validate=True), self._municipality.encode("ascii"))
            if opened.head.number != message.party_number:
                return Unopened(message, HEAD)
            return _letter(message, opened.payload)
        except EnvelopeError as refused:
            return Unopened(message, refused.code)
        except ValueError:
            return Unopened(message, UNREADABLE)

    def _indexes(self, letter: NoticeLetter) -> list[bytes]:
        return [self._cipher.blind_index(code.reveal(Purpose.SEARCH).encode("ascii")) for code in letter.resident_codes]

    def _with_persons(self, notice: Notice, known: _Codes) -> Notice:
        persons = tuple(known.get(index) for index in self._indexes(notice.letter))
        return Notice(notice.message, notice.letter, persons)

    async def _known(self, asked: Sequence[tuple[Notice, bytes]]) -> _Codes:
        references = await self._references(asked)
        holders = await self._holders([reference for _, reference in references])
        return {index: holders[reference] for index, reference in references if reference in holders}

    async def _references(self, asked: Sequence[tuple[Notice, bytes]]) -> list[tuple[bytes, str]]:
        name = NUMBERS_DATABASE.name(self._settings.environment, self._municipality)
        cases = [f"{notice.message.party}-{notice.message.party_number}" for notice, _ in asked]
        indexes = [index for _, index in asked]
        connection = await connect(self._settings, name, role=COUNTER_ROLE, principal=REGISTER)
        try:
            rows = await connection.fetch(_SQL["find_for_letters"], cases, indexes)
        finally:
            await connection.close()
        return [(indexes[row["place"]], row["reference"]) for row in rows]

    async def _holders(self, references: Sequence[str]) -> dict[str, Leaver]:
        name = REGISTER_DATABASE.name(self._settings.environment, self._municipality)
        connection = await connect(self._settings, name, role=REGISTER, principal=REGISTER)
        try:
            rows = await connection.fetch(_SQL["holders"], list(references))
        finally:
            await connection.close()
        return {row["reference"]: _leaver(row) for row in rows}


def _letter(message: LetterReceived, payload: bytes) -> Opened:
    """The letter in `payload`, fit for the register; raises ValueError."""
    if isinstance(message, MoveInNoticeReceived):
        notice = NoticeLetter.from_wire(payload)
        fit = first_unfit(notice.address.model_dump(exclude_none=True)) is None
        return Notice(message, notice, ()) if fit else Unopened(message, UNFIT)
    certificate = CertificateLetter.from_wire(payload)
    plain = certificate.model_dump(exclude_none=True, exclude=NUMBERS)
    return Certificate(message, certificate, payload) if first_unfit(plain) is None else Unopened(message, UNFIT)


def _leaver(row: Any) -> Leaver:
    noticed = None if row["noticed_on"] is None else (row["noticed_on"], row["party"], row["party_number"])
    told = {name: row[name] for name in ("addressee_number", "household_number", "state", "planned_to", "moved_out_to")}
    return Leaver(**told, noticed=noticed)


def with_superseded(notices: Sequence[Notice]) -> Iterator[Notice]:
    """Of several notices of one person, in this batch or before it, the newest holds (最新の通知)."""
    newest: dict[str, tuple[date, str, int]] = {}
    for notice in notices:
        for person in filter(None, notice.persons):
            known = [each for each in (newest.get(person.addressee_number), person.noticed) if each is not None]
            newest[person.addressee_number] = max([notice.order(), *known])
    for notice in notices:
        older = {p.addressee_number for p in notice.persons if p and newest[p.addressee_number] > notice.order()}
        yield Notice(notice.message, notice.letter, notice.persons, frozenset(older))
